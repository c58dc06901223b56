"""The app as it would be after a change: `cdk synth --app "python -m deploy_check.variant"`.

The wish is JSON in DEPLOY_CHECK_WISH: `token`, whose tokens the API takes, and `limits`, a new timeout and
memory of consumers by service, as infrastructure/topology.py would give them. The code is the app's own.
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
    """What a consumer's row of the map may be given instead; the queue's visibility timeout follows."""

    timeout_seconds: int
    memory_mb: int


def with_limits(services: tuple[Service, ...], limits: Mapping[str, Limits]) -> tuple[Service, ...]:
    """The services with the given limits of their consumers; KeyError for a service there is not."""
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
    """Write the assembly to where the command line wants it."""
    wish: dict[str, Any] = json.loads(os.environ["DEPLOY_CHECK_WISH"])
    settings = json.loads((ROOT / "cdk.json").read_text())["context"]
    if "token" in wish:
        settings["stages"][settings["stage"]]["token"] = wish["token"]
    services = with_limits(TOPOLOGY.services, wish.get("limits", {}))
    application = replace(ORDERBUS, topology=replace(TOPOLOGY, services=services))
    synthesise(Path(os.environ["CDK_OUTDIR"]), context={**settings, **PATHS}, application=application)


if __name__ == "__main__":
    main()
