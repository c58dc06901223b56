"""Check or build a release: `python -m infrastructure.release check|build TAG` (docs/releases.md)."""

import json
import os
import subprocess
import sys
from pathlib import Path

from infrastructure.orderbus import ROOT
from infrastructure.release.build import build
from infrastructure.release.versions import ReleaseError, check_tag

TARGET = ROOT / "build" / "release"


def synthesise(stage: str, outdir: Path) -> None:
    """Run app.py in a process of its own, as the CDK's command line does."""
    context = {"CDK_OUTDIR": str(outdir), "CDK_CONTEXT_JSON": json.dumps({"stage": stage})}
    done = subprocess.run([sys.executable, ROOT / "app.py"], env=os.environ | context, check=False)  # noqa: S603 - our own app
    if done.returncode:
        raise ReleaseError(f"the stage {stage} cannot be synthesized: see above")


def main(arguments: list[str]) -> None:
    """Print the folder of the release and its code, or exit with the reason."""
    match arguments:
        case ["check", tag]:
            check_tag(ROOT, tag)
        case ["build", tag]:
            code = build(tag, TARGET, root=ROOT, synthesise=synthesise)
            sys.stdout.write(f"{TARGET}\n" + "".join(f"{code[name]}  {name}\n" for name in sorted(code)))
        case _:
            sys.exit("usage: python -m infrastructure.release check|build TAG")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except ReleaseError as error:
        sys.exit(f"No release: {error}.")
