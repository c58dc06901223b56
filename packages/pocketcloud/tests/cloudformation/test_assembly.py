"""Read a cloud assembly."""

import json
from pathlib import Path
from typing import Any

import pytest

from pocketcloud.cloudformation.assembly import read_assembly
from pocketcloud.cloudformation.errors import AssemblyError

WriteAssembly = Any


def change_manifest(folder: Path, **changes: object) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["artifacts"].update(changes.pop("artifacts", {}))
    path.write_text(json.dumps({**manifest, **changes}))


def test_stack_comes_after_its_dependencies(write_assembly: WriteAssembly) -> None:
    empty: dict[str, Any] = {"Resources": {}}
    folder = write_assembly(
        {"api": empty, "orders": empty, "platform": empty},
        dependencies={"api": ["orders", "platform"], "orders": ["platform"]},
    )
    assert [stack.name for stack in read_assembly(folder).stacks] == ["platform", "orders", "api"]


def test_asset_has_its_bucket_key_and_folder(write_assembly: WriteAssembly) -> None:
    folder = write_assembly({}, assets={"code": {"handler.py": ""}})
    (asset,) = read_assembly(folder).assets
    assert (asset.key, asset.packaging, asset.source) == ("code.zip", "zip", folder / "asset.code")


def test_missing_assembly_error_says_how_to_create_one(tmp_path: Path) -> None:
    with pytest.raises(AssemblyError, match=r"manifest\.json: not found; run `python app\.py`"):
        read_assembly(tmp_path / "cdk.out")


def test_manifest_is_rejected_when_not_json(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(AssemblyError, match="not JSON"):
        read_assembly(tmp_path)


def test_assembly_is_rejected_when_context_is_missing(write_assembly: WriteAssembly) -> None:
    folder = write_assembly({})
    change_manifest(folder, missing=[{"key": "availability-zones"}])
    with pytest.raises(AssemblyError, match="availability-zones"):
        read_assembly(folder)


def test_artifact_of_unsupported_type_is_rejected_by_name(write_assembly: WriteAssembly) -> None:
    folder = write_assembly({})
    change_manifest(folder, artifacts={"nested": {"type": "cdk:cloud-assembly"}})
    with pytest.raises(AssemblyError, match="nested: artifacts of type cdk:cloud-assembly"):
        read_assembly(folder)


def test_container_images_are_rejected(write_assembly: WriteAssembly) -> None:
    folder = write_assembly({})
    (folder / "assets.json").write_text(json.dumps({"dockerImages": {"image": {}}}))
    with pytest.raises(AssemblyError, match="container images"):
        read_assembly(folder)


def test_dependency_on_a_missing_artifact_is_rejected(write_assembly: WriteAssembly) -> None:
    folder = write_assembly({"api": {"Resources": {}}}, dependencies={"api": ["gone"]})
    with pytest.raises(AssemblyError, match="no artifact gone"):
        read_assembly(folder)


def test_circular_stack_dependencies_are_rejected(write_assembly: WriteAssembly) -> None:
    folder = write_assembly({"a": {}, "b": {}}, dependencies={"a": ["b"], "b": ["a"]})
    with pytest.raises(AssemblyError, match="depend on each other"):
        read_assembly(folder)


@pytest.mark.parametrize(
    "manifest",
    [
        "[]",
        "null",
        '"text"',
        '{"artifacts": []}',
        '{"artifacts": {"shop": {}}}',
        '{"artifacts": {"shop": null}}',
        '{"artifacts": {"shop": {"type": "aws:cloudformation:stack"}}}',
        '{"artifacts": {"shop": {"type": "cdk:asset-manifest", "properties": {}}}}',
    ],
)
def test_a_manifest_of_another_layout_is_refused(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(AssemblyError, match=r"not laid out as a cloud assembly .*synthesize it again"):
        read_assembly(tmp_path)


def test_a_manifest_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes(b"\xff\xfe")
    with pytest.raises(AssemblyError, match="not JSON"):
        read_assembly(tmp_path)


def test_a_manifest_that_is_a_folder_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").mkdir()
    with pytest.raises(AssemblyError, match="cannot be read: Is a directory"):
        read_assembly(tmp_path)
