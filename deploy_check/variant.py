"""The app with changes: `cdk synth --app "python -m deploy_check.variant"`.

The changes are JSON in DEPLOY_CHECK_CHANGES: `token`, the issuer that the API trusts, and `limits`, a new
timeout and memory of consumers by service, as in infrastructure/topology.py.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict

from app import PATHS, ROOT
from infrastructure.orderbus import ORDERBUS
from infrastructure.services import Service
from infrastructure.synthesis import synthesise
from infrastructure.topology import TOPOLOGY


class Limits(TypedDict):
    """The new limits of a consumer; the visibility timeout follows."""

    timeout_seconds: int
    memory_mb: int


def with_limits(services: tuple[Service, ...], limits: Mapping[str, Limits]) -> tuple[Service, ...]:
    """Return the services with these limits; raise KeyError for an unknown service."""
    unknown = set(limits) - {service.name for service in services}
    if unknown:
        raise KeyError(*sorted(unknown))
    return tuple(
        replace(
            service,
            functions=tuple(
                replace(function, **limits[service.name]) if function is service.consumer else function
                for function in service.functions
            ),
        )
        if service.name in limits
        else service
        for service in services
    )


def main() -> None:
    """Write the assembly to the CDK's output folder."""
    changes: dict[str, Any] = json.loads(os.environ["DEPLOY_CHECK_CHANGES"])
    settings = json.loads((ROOT / "cdk.json").read_text())["context"]
    if "token" in changes:
        settings["stages"][settings["stage"]]["token"] = changes["token"]
    services = with_limits(TOPOLOGY.services, changes.get("limits", {}))
    application = replace(ORDERBUS, topology=replace(TOPOLOGY, services=services))
    synthesise(Path(os.environ["CDK_OUTDIR"]), context={**settings, **PATHS}, application=application)


if __name__ == "__main__":
    main()
