"""A release contains one build of the code for all stages, with checksums."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app import PATHS, ROOT
from infrastructure.names import Names
from infrastructure.orderbus import ORDERBUS
from infrastructure.release.build import build
from infrastructure.release.code import code_of, require_same_code
from infrastructure.release.versions import ReleaseError
from infrastructure.synthesis import synthesise
from tests.assemblies import settings_of_stages
from tests.infrastructure.build_folder import build_folder
from tests.infrastructure.graph import Graph
from tests.infrastructure.release.test_versions import repository

LAYER = "Dependencies"


def functions(assembly: Path, stage: str) -> dict[str, str]:
    return code_of(assembly, Names(stage))


def test_stages_have_the_same_code(dev: Graph, prod: Graph) -> None:
    stages = {"dev": functions(dev.assembly, "dev"), "prod": functions(prod.assembly, "prod")}
    code = require_same_code(stages)
    only_prod = {name.partition("/")[0] for name in code.keys() - stages["dev"].keys()}
    assert only_prod == {"heartbeat"}
    assert len({key for name, key in code.items() if LAYER in name}) == 1
    assert len([name for name in code if LAYER not in name]) == len(prod.of("Lambda::Function"))


def test_second_build_elsewhere_has_the_same_code(dev: Graph, tmp_path: Path) -> None:
    bundles = replace(ORDERBUS.bundles, build=build_folder(tmp_path))
    again = tmp_path / "assembly"
    context = {**settings_of_stages(), **PATHS}
    synthesise(again, context=context, application=replace(ORDERBUS, bundles=bundles), is_validated=False)
    assert functions(again, "dev") == functions(dev.assembly, "dev")


def test_asset_is_named_after_the_code_it_holds(dev: Graph) -> None:
    for key in set(functions(dev.assembly, "dev").values()):
        assert (dev.assembly / f"asset.{key}").is_dir()


def test_function_with_different_code_in_two_stages_is_rejected() -> None:
    stages = {"dev": {"orders/Api": "1", "orders/Handler": "2"}, "prod": {"orders/Api": "3"}}
    with pytest.raises(ReleaseError, match="prod has other code than dev in orders/Api"):
        require_same_code(stages)


def test_assembly_without_the_stage_is_rejected(dev: Graph) -> None:
    with pytest.raises(ReleaseError, match="no function of the stage prod"):
        functions(dev.assembly, "prod")


@pytest.fixture
def released(tmp_path: Path, dev: Graph, prod: Graph) -> Path:
    """A release of both assemblies."""
    root = tmp_path / "repository"
    root.mkdir()
    repository(root)
    stages: dict[str, Any] = {"dev": {}, "prod": {}}
    (root / "cdk.json").write_text(json.dumps({"context": {"stages": stages}}))
    author = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    for words in (("init",), ("add", "--all"), (*author, "commit", "--message", "release")):
        command = ("git", *words)
        subprocess.run(command, cwd=root, check=True, capture_output=True)
    assemblies = {"dev": dev.assembly, "prod": prod.assembly}
    target = tmp_path / "release"
    build("v1.2.0", target, root=root, synthesise=lambda stage, outdir: _copy(assemblies[stage], outdir))
    return target


def _copy(assembly: Path, outdir: Path) -> None:
    shutil.copytree(assembly, outdir, ignore=shutil.ignore_patterns("asset.*"))


def sums(folder: Path) -> subprocess.CompletedProcess[str]:
    command = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_release_names_its_version_commit_and_code(released: Path, prod: Graph) -> None:
    record = json.loads((released / "release.json").read_text())
    assert record["version"] == "1.2.0"
    assert len(record["commit"]) == len("0" * 40)
    assert record["code"] == functions(prod.assembly, "prod")
    assert json.loads((released / "sbom.json").read_text())["metadata"]["component"]["version"] == "1.2.0"
    assert (released / "notes.md").read_text().startswith("### Upgrade")


def test_checksums_find_a_changed_file(released: Path) -> None:
    done = sums(released)
    assert (done.returncode, done.stdout) == (0, "")
    listed = {line.split("  ")[1] for line in (released / "SHA256SUMS").read_text().splitlines()}
    files = {str(path.relative_to(released)) for path in released.rglob("*") if path.is_file()}
    assert listed == files - {"SHA256SUMS"}
    (released / "prod" / "manifest.json").write_text("{}")
    assert "prod/manifest.json: FAILED" in sums(released).stdout


def test_failed_check_removes_no_earlier_release(tmp_path: Path) -> None:
    root = repository(tmp_path / "repository")
    target = tmp_path / "release"
    target.mkdir()
    (target / "kept").touch()
    with pytest.raises(ReleaseError, match=r"the tag v9\.9\.9"):
        build("v9.9.9", target, root=root, synthesise=lambda *_: pytest.fail("synthesized"))
    assert (target / "kept").exists()


def test_command_rejects_a_wrong_tag_with_the_reason() -> None:
    command = [str(ROOT / ".venv" / "bin" / "python"), "-m", "infrastructure.release", "check", "v0.0.0"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "No release: the tag v0.0.0 is not v" in done.stderr
