"""Write the CycloneDX 1.6 bill of materials of the Lambda layer: `make sbom`.

It lists every package of requirements/lambda.txt with its version and the hashes that pip accepts.
https://cyclonedx.org/docs/1.6/json/
"""

import json
import re
import tomllib
from typing import Any

from infrastructure.orderbus import ORDERBUS, ROOT

_PACKAGE = re.compile(r"^([a-z0-9._-]+)==(\S+)((?: \\\n    --hash=sha256:[0-9a-f]{64})+)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def component(name: str, version: str, hashes: list[str]) -> dict[str, Any]:
    """Return one package; a distribution file is an external reference with its own hash."""
    purl = f"pkg:pypi/{name}@{version}"
    files = [
        {
            "type": "distribution",
            "url": purl,
            "hashes": [{"alg": "SHA-256", "content": each}],
        }
        for each in hashes
    ]
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "externalReferences": files,
    }


def bill_of_materials(lock: str, version: str) -> dict[str, Any]:
    """Return the document: the layer with the lock's packages."""
    found = [
        component(name, release, _HASH.findall(hashes)) for name, release, hashes in _PACKAGE.findall(lock)
    ]
    layer = {"type": "application", "bom-ref": "orderbus", "name": "orderbus", "version": version}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": layer},
        "components": found,
        "dependencies": [{"ref": "orderbus", "dependsOn": [each["bom-ref"] for each in found]}],
    }


def write() -> None:
    """Write build/sbom.json."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    document = bill_of_materials(ORDERBUS.bundles.lock.read_text(encoding="utf-8"), project["version"])
    target = ORDERBUS.bundles.build / "sbom.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
