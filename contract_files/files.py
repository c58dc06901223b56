"""Every generated file about events and routes, and the text it must have."""

from collections.abc import Callable, Mapping
from pathlib import Path

from contract_files import readers
from openapi import document as openapi_document

FILES: Mapping[Path, Callable[[], str]] = {
    openapi_document.PATH: openapi_document.text,
    readers.PATH: readers.text,
}


def stale() -> list[Path]:
    """Return the files that differ from what the code says."""
    return [path for path, text in FILES.items() if not path.exists() or path.read_text() != text()]
