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
from infrastructure import application, topology
from infrastructure.services import Service


class Limits(TypedDict):
    """What a consumer's row of the map may be given instead; the queue's visibility timeout follows."""

    timeout: int
    memory: int


def with_limits(services: tuple[Service, ...], limits: Mapping[str, Limits]) -> tuple[Service, ...]:
    """The services with the given limits of their consumers; KeyError for a service there is not."""
    unknown = set(limits) - {service.name for service in services}
    if unknown:
        raise KeyError(*sorted(unknown))
    return tuple(
        replace(service, consumer=replace(service.consumer, **limits[service.name]))
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
    topology.SERVICES = with_limits(topology.SERVICES, wish.get("limits", {}))  # type: ignore[assignment]  # as many
    application.synthesise(Path(os.environ["CDK_OUTDIR"]), context={**settings, **PATHS})


if __name__ == "__main__":
    main()
