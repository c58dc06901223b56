"""Write the public contract of every fact: `python examples/booking/write_schemas.py [FOLDER]`."""

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

import functions  # noqa: E402 - after the path

functions.__path__.insert(0, str(HERE / "functions"))

from functions.contracts import registry  # noqa: E402 - the example's, by the path above


def schema_of(fact: type[Any]) -> dict[str, Any]:
    """Return the JSON Schema of a fact, in the draft that EventBridge's registry takes."""
    (definition,) = msgspec.json.schema(fact)["$defs"].values()
    return {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "id": f"{registry.CONTRACTS.urn}:schema:{fact.owner}:{fact.__name__}:{fact.version}",
        **definition,
    }


def main(folder: Path = HERE / "schemas") -> None:
    """Write one file per fact to the folder."""
    for fact in registry.FACTS:
        path = folder / fact.owner / f"{fact.__name__}.v{fact.version}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(schema_of(fact), indent=2) + "\n")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
