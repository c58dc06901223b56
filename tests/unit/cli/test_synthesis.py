"""`current_assembly` rewrites an unusable cdk.out, and reports invalid settings."""

import json
import os
import shutil
from pathlib import Path

import pytest

from cli.demo import synthesis
from cli.demo.synthesis import current_assembly
from pocketcloud.cloudformation.errors import AssemblyError

SETTINGS = '{"context": {"stage": "dev"}}'
WRITE = """\
import json, os, pathlib
folder = pathlib.Path(os.environ.get("CDK_OUTDIR", "cdk.out"))
manifest = folder / "manifest.json"
folder.mkdir(exist_ok=True)
manifest.write_text(json.dumps({"artifacts": {"orderbus-dev-platform": {}}}))
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project whose app.py writes an assembly of the stage dev."""
    (tmp_path / "cdk.json").write_text(SETTINGS)
    (tmp_path / "app.py").write_text(WRITE)
    (tmp_path / "cdk.out").mkdir()
    for path in (tmp_path / "cdk.json", tmp_path / "app.py"):
        os.utime(path, (0, 0))
    monkeypatch.setattr(synthesis, "ROOT", tmp_path)
    return tmp_path


def stages(assembly: Path) -> list[str]:
    return list(json.loads((assembly / "manifest.json").read_text())["artifacts"])


@pytest.mark.parametrize(
    "manifest",
    [None, b"", b"{", b"\xff", b"[]", b"null", b"{}", b'{"artifacts": {"orderbus-prod-platform": {}}}'],
)
def test_unusable_assembly_is_rewritten(project: Path, manifest: bytes | None) -> None:
    if manifest is not None:
        (project / "cdk.out" / "manifest.json").write_bytes(manifest)
    assert stages(current_assembly()) == ["orderbus-dev-platform"]


def test_unfinished_stage_is_synthesized_for_offline_use(project: Path) -> None:
    (project / "app.py").write_text(WRITE + "(folder / 'context').write_text(os.environ['CDK_CONTEXT_JSON'])")
    synthesis.synthesise(project / "prod", stage="prod")
    context = json.loads((project / "prod" / "context").read_text())
    assert context == {"stage": "prod", "allow_unfinished": "all"}


def test_missing_folder_is_rewritten(project: Path) -> None:
    shutil.rmtree(project / "cdk.out")
    assert stages(current_assembly()) == ["orderbus-dev-platform"]


def test_current_assembly_is_kept(project: Path) -> None:
    current = json.dumps({"artifacts": {"orderbus-dev-platform": {}, "kept": {}}})
    (project / "cdk.out" / "manifest.json").write_text(current)
    assert stages(current_assembly()) == ["orderbus-dev-platform", "kept"]


def test_cdk_variables_do_not_move_the_assembly(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDK_OUTDIR", str(project / "elsewhere"))
    assert stages(current_assembly()) == ["orderbus-dev-platform"]


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (b"{", "is not JSON"),
        (b"\xff", "is not JSON"),
        (b"[]", "names no stage"),
        (b'{"context": {}}', "names no stage"),
        (b'{"context": null}', "names no stage"),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_invalid_settings_are_an_error(project: Path, settings: bytes | None, reason: str) -> None:
    (project / "cdk.out" / "manifest.json").write_text("{}")
    (project / "cdk.json").unlink()
    if settings is not None:
        (project / "cdk.json").write_bytes(settings)
        os.utime(project / "cdk.json", (0, 0))
    with pytest.raises(AssemblyError, match=f"cdk.json {reason}"):
        current_assembly()


def test_failing_app_is_an_error(project: Path) -> None:
    (project / "app.py").write_text("raise LookupError('no stage nowhere')")
    with pytest.raises(AssemblyError, match=r"LookupError: no stage nowhere$"):
        current_assembly()
