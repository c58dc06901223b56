"""Unpacked code of functions, with bytecode, shared by all clouds of a process.

A cold start is then only an import, as on Lambda. Bundles contain mostly the same modules, so each
source is compiled once; Python corrects the file name when it loads the bytecode.
https://peps.python.org/pep-0552/
"""

import atexit
import io
import py_compile
import shutil
import tempfile
import zipfile
from functools import cache
from hashlib import sha256
from importlib.util import cache_from_source
from pathlib import Path

_BYTECODE: dict[bytes, bytes] = {}
"""Bytecode by the digest of its source."""


def unpacked(digest: str, code: bytes) -> Path:
    """Return the folder with the contents of a ZIP file; unpack it at first use."""
    bundle = _folder() / digest.translate(str.maketrans("/+=", "_--"))
    if not bundle.exists():
        with zipfile.ZipFile(io.BytesIO(code)) as archive:
            archive.extractall(bundle)
        for source in bundle.rglob("*.py"):
            _compile(source)
    return bundle


@cache
def _folder() -> Path:
    folder = tempfile.mkdtemp(prefix="pocketcloud-bundles-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _compile(source: Path) -> None:
    """Write the bytecode of a module; a module with errors raises them at import."""
    digest = sha256(source.read_bytes()).digest()
    target = Path(cache_from_source(str(source)))
    if digest not in _BYTECODE:
        # Checking neither time nor hash: the folder does not change.
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        try:
            py_compile.compile(str(source), doraise=True, invalidation_mode=mode)
        except py_compile.PyCompileError:
            return
        _BYTECODE[digest] = target.read_bytes()
        return
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(_BYTECODE[digest])
