"""What a function ships."""

import re
import subprocess
from pathlib import Path

import pytest

from infrastructure import bundles, topology

SERVICES = (*(service.name for service in topology.SERVICES), "relay")


def contents(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("service", SERVICES)
def test_a_bundle_holds_the_kernel_and_its_own_service_and_nothing_else(service: str) -> None:
    functions = bundles.ROOT / "functions"
    expected = {
        str(path.relative_to(bundles.ROOT))
        for part in ("shared", "contracts", service)
        for path in (functions / part).rglob("*.py")
    }
    shipped = {path for each in topology.SERVICES if each.name == service for path in each.ships}
    assert contents(bundles.code(service)) == expected | shipped | {"functions/__init__.py"}


def test_a_bundle_forgets_what_its_service_no_longer_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundles, "BUILD", tmp_path)
    stray = bundles.code("relay") / "functions" / "relay" / "stray.py"
    stray.write_text("")
    assert "functions/relay/stray.py" not in contents(bundles.code("relay"))


def test_an_unchanged_bundle_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "BUILD", tmp_path)
    before = bundles.code("relay").stat()
    assert bundles.code("relay").stat() == before


def test_the_layer_holds_every_locked_package_and_nothing_of_this_machine() -> None:
    layer = bundles.layer()
    locked = set(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", bundles.LOCK.read_text(), re.MULTILINE))
    installed = {
        tuple(path.name.removesuffix(".dist-info").replace("_", "-").rsplit("-", 1))
        for path in (layer / "python").glob("*.dist-info")
    }
    assert installed == locked
    assert not [name for name in contents(layer) if name.endswith(".pyc") or "/bin/" in name]


def test_a_layer_that_failed_to_build_leaves_nothing_that_passes_for_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tmp_path / "lambda.txt"
    lock.write_text("msgspec==0.22.0\n")  # no hash: refused before anything is downloaded
    monkeypatch.setattr(bundles, "BUILD", tmp_path / "build")
    monkeypatch.setattr(bundles, "LOCK", lock)
    with pytest.raises(subprocess.CalledProcessError):
        bundles.layer()
    assert not list((tmp_path / "build" / "layers").iterdir())


def test_the_layer_s_libraries_are_for_arm_and_lambda_s_python() -> None:
    libraries = [name for name in contents(bundles.layer()) if name.endswith(".so")]
    assert libraries
    assert all("cpython-313-aarch64" in name for name in libraries)
