"""Write the deployer's template to build/deployer: `python -m infrastructure.deployer STAGE [ASSEMBLY]`."""

import json
import sys
from pathlib import Path

from infrastructure.deployer.template import deployer_template
from infrastructure.names import Names
from infrastructure.orderbus import ROOT


def write(stage: str, assembly: Path) -> Path:
    """Write the template for the stage's templates in the assembly; return its path."""
    names = Names(stage)
    paths = sorted(assembly.glob(f"{names.prefix}-*.template.json"))
    if not paths:
        sys.exit(f"{assembly} has no template of {stage}: run cdk synth -c stage={stage} -o {assembly} first")
    template = deployer_template((json.loads(path.read_text(encoding="utf-8")) for path in paths), names)
    target = ROOT / "build" / "deployer" / f"{names.prefix}.template.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(template, indent=2) + "\n", encoding="utf-8")
    return target


if __name__ == "__main__":
    sys.stdout.write(f"{write(sys.argv[1], Path(*sys.argv[2:] or ['cdk.out']))}\n")
