"""Synthesize the booking domain: `python examples/booking/app.py OUTDIR`, from the checkout's root."""

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(1, str(ROOT))

from topology import OVERVIEW, PEOPLE, TOPOLOGY  # noqa: E402 - as above

from infrastructure.application import Application  # noqa: E402 - after the path
from infrastructure.packaging.bundles import Bundles  # noqa: E402 - as above
from infrastructure.synthesis import synthesise  # noqa: E402 - as above

if __name__ == "__main__":
    outdir = Path(sys.argv[1]).absolute()
    lock = ROOT / "requirements" / "lambda.txt"
    booking = Application(
        name="booking",
        domain="booking",
        topology=TOPOLOGY,
        bundles=Bundles(code_root=HERE, build=outdir.parent / "build", lock=lock),
        schemas=HERE / "schemas",
        runbook="https://booking.example/runbook",
        overview=OVERVIEW,
        people=PEOPLE,
    )
    stages = json.loads((HERE / "stages.json").read_text())
    synthesise(outdir, application=booking, context={"stage": "dev", "stages": stages})
