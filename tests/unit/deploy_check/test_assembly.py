"""A changed template is uploaded, and only the wanted template is changed."""

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


def slower(document: dict[str, Any]) -> None:
    document["Resources"]["Queue"]["Properties"]["VisibilityTimeout"] = 60


def test_the_stacks_and_the_types_are_read_from_the_assembly(synthesised: Path) -> None:
    assert assembly.stacks(synthesised) == ["one", "two"]
    assert assembly.resource_types(synthesised) == ["AWS::SQS::Queue"] * 2


def test_a_changed_template_is_named_by_its_new_hash_wherever_it_is_named(
    synthesised: Path, tmp_path: Path
) -> None:
    changed = assembly.changed(synthesised, tmp_path / "changed", {"one": slower})
    assert assembly.template(changed, "one")["Resources"]["Queue"]["Properties"] == {"VisibilityTimeout": 60}
    name = sha256(changed / "one.template.json")
    assert name in (changed / "manifest.json").read_text()
    assert list(json.loads((changed / "one.assets.json").read_text())["files"]) == [name]


def test_the_other_stack_and_the_first_assembly_stay_as_they_were(synthesised: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in synthesised.iterdir()}
    changed = assembly.changed(synthesised, tmp_path / "changed", {"one": slower})
    assert {path.name: path.read_bytes() for path in synthesised.iterdir()} == before
    assert (changed / "two.template.json").read_bytes() == before["two.template.json"]


def test_a_change_that_changes_nothing_is_refused(synthesised: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckError, match="template of one is what it was"):
        assembly.changed(synthesised, tmp_path / "changed", {"one": lambda _document: None})


def test_an_assembly_that_does_not_name_its_template_by_hash_is_refused(
    synthesised: Path, tmp_path: Path
) -> None:
    (synthesised / "one.assets.json").write_text("{}")
    with pytest.raises(CheckError, match=r"one\.assets\.json does not name the template"):
        assembly.changed(synthesised, tmp_path / "changed", {"one": slower})
