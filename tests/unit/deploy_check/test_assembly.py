"""`copy_with_changes` changes only the named templates, and their hashes."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from deploy_check import assembly
from deploy_check.failure import CheckError

TEMPLATE = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 30}}}}


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def synthesised(tmp_path: Path) -> Path:
    folder = tmp_path / "assembly"
    folder.mkdir()
    artifacts: dict[str, Any] = {"tree": {"type": "cdk:tree"}}
    for stack in ("one", "two"):
        path = folder / f"{stack}.template.json"
        path.write_text(json.dumps({**TEMPLATE, "Description": stack}))
        url = f"s3://assets/{sha256(path)}.json"
        artifacts[stack] = {"type": "aws:cloudformation:stack", "properties": {"url": url}}
        (folder / f"{stack}.assets.json").write_text(json.dumps({"files": {sha256(path): {}}}))
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    return folder


def with_longer_timeout(document: dict[str, Any]) -> None:
    document["Resources"]["Queue"]["Properties"]["VisibilityTimeout"] = 60


def test_assembly_lists_stacks_and_resource_types(synthesised: Path) -> None:
    assert assembly.stacks(synthesised) == ["one", "two"]
    assert assembly.resource_types(synthesised) == ["AWS::SQS::Queue"] * 2


def test_copy_replaces_the_hash_of_a_changed_template(synthesised: Path, tmp_path: Path) -> None:
    changed = assembly.copy_with_changes(synthesised, tmp_path / "changed", {"one": with_longer_timeout})
    assert assembly.template(changed, "one")["Resources"]["Queue"]["Properties"] == {"VisibilityTimeout": 60}
    name = sha256(changed / "one.template.json")
    assert name in (changed / "manifest.json").read_text()
    assert list(json.loads((changed / "one.assets.json").read_text())["files"]) == [name]


def test_copy_keeps_other_stacks_and_the_original(synthesised: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in synthesised.iterdir()}
    changed = assembly.copy_with_changes(synthesised, tmp_path / "changed", {"one": with_longer_timeout})
    assert {path.name: path.read_bytes() for path in synthesised.iterdir()} == before
    assert (changed / "two.template.json").read_bytes() == before["two.template.json"]


def test_copy_rejects_a_change_without_effect(synthesised: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckError, match="change of one's template changes nothing"):
        assembly.copy_with_changes(synthesised, tmp_path / "changed", {"one": lambda _document: None})


def test_copy_rejects_an_assembly_without_the_hash(synthesised: Path, tmp_path: Path) -> None:
    (synthesised / "one.assets.json").write_text("{}")
    with pytest.raises(CheckError, match=r"one\.assets\.json does not name the template"):
        assembly.copy_with_changes(synthesised, tmp_path / "changed", {"one": with_longer_timeout})
