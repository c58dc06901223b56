"""The contents of bundles and of the layer."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from infrastructure import topology
from infrastructure.orderbus import ORDERBUS, ROOT
from infrastructure.packaging.bundles import Bundles, MissingHandlerError
from infrastructure.packaging.layer import remove_scripts
from tests.infrastructure.build_folder import build_folder

BUNDLES = ORDERBUS.bundles
FILES = {"relay": (), **{service.name: service.files for service in topology.SERVICES}}


def contents(folder: Path) -> set[str]:
    """Its files without the bytecode beside them."""
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    return {name for name in files if not name.endswith(".pyc")}


@pytest.mark.parametrize("service", FILES)
def test_bundle_holds_the_shared_library_and_one_service(service: str) -> None:
    functions = ROOT / "functions"
    expected = {
        str(path.relative_to(ROOT))
        for part in ("shared", "contracts", service)
        for path in (functions / part).rglob("*.py")
    }
    assert contents(BUNDLES.code(service, files=FILES[service])) == expected | {*FILES[service]} | {
        "functions/__init__.py"
    }


def bundles_in(folder: Path) -> Bundles:
    return replace(BUNDLES, build=folder)


def test_bundle_drops_files_that_the_service_lost(tmp_path: Path) -> None:
    bundles = bundles_in(build_folder(tmp_path))
    stray = bundles.code("relay") / "functions" / "relay" / "stray.py"
    stray.write_text("")
    assert "functions/relay/stray.py" not in contents(bundles.code("relay"))


def test_unchanged_bundle_is_not_rewritten(tmp_path: Path) -> None:
    build = build_folder(tmp_path)
    before = bundles_in(build).code("relay").stat()
    after = bundles_in(build).code("relay").stat()
    # Not the whole result: reading the bundle changes its time of access.
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_bundle_rejects_a_missing_handler_with_its_path(tmp_path: Path) -> None:
    bundles = Bundles(code_root=tmp_path, build=tmp_path / "build", lock=BUNDLES.lock)
    expected = rf"no {tmp_path}/functions/rooms/handler.py: write it, .* or remove the module 'handler'"
    with pytest.raises(MissingHandlerError, match=expected):
        bundles.code("rooms")
    assert not (tmp_path / "build").exists()


def test_bundle_of_another_application_has_its_own_contracts(tmp_path: Path) -> None:
    for name in ("contracts/registry", "rooms/handler"):
        path = tmp_path / "functions" / f"{name}.py"
        path.parent.mkdir(parents=True)
        path.write_text("")
    bundles = Bundles(code_root=tmp_path, build=build_folder(tmp_path), lock=BUNDLES.lock)
    folder = bundles.code("rooms")
    assert folder.is_relative_to(tmp_path / "build")
    shared = {name for name in contents(folder) if name.startswith("functions/shared/")}
    assert shared
    assert contents(folder) - shared == {
        "functions/__init__.py",
        "functions/contracts/registry.py",
        "functions/rooms/handler.py",
    }
    assert "functions/relay/handler.py" in contents(bundles.code("relay"))


def test_layer_holds_exactly_the_locked_packages() -> None:
    layer = BUNDLES.layer()
    locked = set(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", BUNDLES.lock.read_text(), re.MULTILINE))
    installed = {
        tuple(path.name.removesuffix(".dist-info").replace("_", "-").rsplit("-", 1))
        for path in (layer / "python").glob("*.dist-info")
    }
    assert installed == locked
    assert not [name for name in contents(layer) if "/bin/" in name]


def test_layer_has_no_trace_of_its_machine() -> None:
    records = [*(BUNDLES.layer() / "python").glob("*.dist-info/RECORD")]
    listed = [line.partition(",")[0] for path in records for line in path.read_text().splitlines()]
    assert len(records) < len(listed)
    # A script's first line names the Python of the machine, and its hash would be another one on each.
    assert not [name for name in listed if name.startswith("bin/") or ".." in name]


def test_scripts_are_removed_with_their_hashes(tmp_path: Path) -> None:
    record = tmp_path / "jmespath-1.dist-info" / "RECORD"
    record.parent.mkdir()
    record.write_text("bin/jp.py,sha256=a,1\njmespath/__init__.py,sha256=b,2\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "jp.py").touch()
    remove_scripts(tmp_path)
    assert record.read_text() == "jmespath/__init__.py,sha256=b,2\n"
    assert not (tmp_path / "bin").exists()


def test_failed_layer_leaves_nothing_behind(tmp_path: Path) -> None:
    lock = tmp_path / "lambda.txt"
    lock.write_text("msgspec==0.22.0\n")  # no hash: refused before anything is downloaded
    with pytest.raises(subprocess.CalledProcessError):
        replace(BUNDLES, build=tmp_path / "build", lock=lock).layer()
    assert not list((tmp_path / "build" / "layers").iterdir())


def test_layer_libraries_are_for_arm_and_lambda() -> None:
    libraries = [name for name in contents(BUNDLES.layer()) if name.endswith(".so")]
    assert libraries
    assert all("cpython-313-aarch64" in name for name in libraries)
