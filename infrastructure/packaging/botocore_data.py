"""The data of botocore that functions use: reading the rest of it is most of the work of making a client."""

import gzip
import json
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

UNUSED = ("examples", "waiters")
"""Files of a service that no client of a function reads."""


class UnknownServiceError(ValueError):
    """botocore has no service of that name."""


def keep_services(botocore: Path, services: Collection[str]) -> None:
    """Remove from an installed botocore the data of other services, and all documentation."""
    data = botocore / "data"
    if unknown := {name for name in services if not (data / name).is_dir()}:
        raise UnknownServiceError(f"botocore has no service named {', '.join(sorted(unknown))}")
    for folder in [path for path in data.iterdir() if path.is_dir()]:
        if folder.name in services:
            _keep_newest_version(folder)
        else:
            shutil.rmtree(folder)
    endpoints = data / "endpoints.json"
    _write(endpoints, _endpoints_of(_read(endpoints), services))


def _keep_newest_version(service: Path) -> None:
    *old, newest = sorted(path for path in service.iterdir() if path.is_dir())
    for version in old:
        shutil.rmtree(version)
    for file in list(newest.iterdir()):
        if not file.name.startswith(UNUSED):
            # Plain JSON: unpacking it would cost every cold start more than reading it.
            _write(newest / file.name.removesuffix(".gz"), _without_documentation(_read(file)))
        if file.suffix == ".gz" or file.name.startswith(UNUSED):
            file.unlink()


def _endpoints_of(endpoints: dict[str, Any], services: Collection[str]) -> dict[str, Any]:
    """Return the regions of all partitions, with the endpoints of these services."""
    partitions = [
        {**each, "services": {name: value for name, value in each["services"].items() if name in services}}
        for each in endpoints["partitions"]
    ]
    return {**endpoints, "partitions": partitions}


def _without_documentation(document: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(document, list):
        return [_without_documentation(each) for each in document]
    if not isinstance(document, dict):
        return document
    # A member of that name is an object.
    is_text = isinstance(document.get("documentation"), str)
    return {
        name: _without_documentation(value)
        for name, value in document.items()
        if not (is_text and name == "documentation")
    }


def _read(file: Path) -> Any:  # noqa: ANN401 - JSON
    return json.loads(gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes())


def _write(file: Path, document: object) -> None:
    file.write_text(json.dumps(document, separators=(",", ":")), encoding="utf-8")
