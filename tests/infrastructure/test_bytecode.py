"""The bytecode in bundles and in the layer: Python 3.13's, of every module, the same on every machine."""

import marshal
import shutil
import sys
from pathlib import Path

import pytest

from infrastructure.orderbus import ORDERBUS
from infrastructure.packaging.bytecode import CompileError, beside, bytecode_of, is_available

BUNDLES = ORDERBUS.bundles
MAGIC_OF_3_13 = (3571).to_bytes(2, "little") + b"\r\n"
"""https://github.com/python/cpython/blob/3.13/Include/internal/pycore_magic_number.h"""
UNCHECKED_HASH = (1).to_bytes(4, "little")
"""https://peps.python.org/pep-0552/"""
MODULES = {
    Path(
        "a.py"
    ): b"WORDS = {'one', 'two', 'three'}\n\ndef f(x: int) -> bool:\n    return x in {'a', 'b', 'c', 'd'}\n",
    Path("b/c.py"): b"from a import f\n\nPAIRS = [(1, 2.5), ('one', None)]\n",
}


@pytest.mark.parametrize("folder", [BUNDLES.code("payments"), BUNDLES.layer()], ids=["bundle", "layer"])
def test_every_module_has_bytecode_that_lambda_loads_unchecked(folder: Path) -> None:
    modules = list(folder.rglob("*.py"))
    assert modules
    for module in modules:
        assert beside(module).read_bytes()[:8] == MAGIC_OF_3_13 + UNCHECKED_HASH
    assert {*folder.rglob("*.pyc")} == {beside(module) for module in modules}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bytecode")


@pytest.fixture(scope="module")
def bytecode(cache: Path) -> dict[Path, bytes]:
    """The bytecode of the modules, which the cache then has."""
    return bytecode_of(MODULES, root="/var/task", cache=cache)


def test_bytecode_is_the_same_in_any_order_and_place(
    bytecode: dict[Path, bytes], cache: Path, tmp_path: Path
) -> None:
    (snapshot,) = cache.glob("*.snapshot")
    shutil.copy(snapshot, tmp_path)  # this compiler starts from the other's memory
    assert bytecode_of(dict(reversed(MODULES.items())), root="/var/task", cache=tmp_path) == bytecode


def test_bytecode_names_the_file_on_lambda(bytecode: dict[Path, bytes]) -> None:
    assert b"/var/task/b/c.py" in bytecode[beside(Path("b/c.py"))]
    if sys.version_info[:2] == (3, 13):
        assert marshal.loads(bytecode[beside(Path("a.py"))][16:]).co_filename == "/var/task/a.py"  # noqa: S302 - ours


def test_compiler_reads_unchanged_sources_from_its_cache(
    bytecode: dict[Path, bytes], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infrastructure.packaging.bytecode.subprocess", None)
    assert bytecode_of(MODULES, root="/var/task", cache=cache) == bytecode


@pytest.mark.usefixtures("bytecode")
def test_syntax_error_names_the_file_and_the_line(cache: Path) -> None:
    with pytest.raises(CompileError, match=r'File "/var/task/a.py", line 2'):
        bytecode_of({Path("a.py"): b"x = 1\ndef (:\n"}, root="/var/task", cache=cache)


def test_other_pythons_get_no_bytecode() -> None:
    assert is_available("3.13")
    assert not is_available("3.12")
    assert not list(BUNDLES.code("payments", python="3.12").rglob("*.pyc"))
    assert list(BUNDLES.code("payments").rglob("*.pyc"))
