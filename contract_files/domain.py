"""Write the public contracts of another domain: `python -m contract_files.domain examples/booking`."""

import json
import sys
from pathlib import Path

import functions
from contract_files.draft4 import schema_of
from functions.shared.contracts.domain_contracts import domain_contracts


def write_schemas(code_root: Path, folder: Path) -> None:
    """Write one JSON Schema per fact of the domain in `code_root` to the folder."""
    functions.__path__.insert(0, str(code_root / "functions"))
    contracts = domain_contracts()
    for name, fact in contracts.facts.items():
        path = folder / fact.owner / f"{name}.v{fact.version}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        urn = f"{contracts.urn}:schema:{fact.owner}:{name}:{fact.version}"
        path.write_text(json.dumps(schema_of(fact, urn=urn, title=name), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    root, *target = map(Path, sys.argv[1:])
    write_schemas(root, *target or [root / "schemas"])
