"""Write the public contract of every fact: `python examples/booking/write_schemas.py [FOLDER]`."""

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

import functions  # noqa: E402 - after the path

functions.__path__.insert(0, str(HERE / "functions"))

from contract_files.draft4 import schema_of  # noqa: E402 - after the path
from functions.contracts import registry  # noqa: E402 - the example's, by the path above


def main(folder: Path = HERE / "schemas") -> None:
    """Write one file per fact to the folder."""
    for fact in registry.FACTS:
        path = folder / fact.owner / f"{fact.__name__}.v{fact.version}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        urn = f"{registry.CONTRACTS.urn}:schema:{fact.owner}:{fact.__name__}:{fact.version}"
        schema = schema_of(fact, urn=urn, title=fact.__name__)
        path.write_text(json.dumps(schema, indent=2) + "\n")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
