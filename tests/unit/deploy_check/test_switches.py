"""The context keys `leave_out`, `architecture` and `python` change only what they name."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, CfnResource, Stack

from app import PATHS, ROOT
from cli.demo.synthesis import current_assembly
from infrastructure.leave_out import UnknownTypeError, leave_out
from infrastructure.synthesis import synthesise
from infrastructure.target import LambdaPlatform, UnknownTargetError

OMITTED = "AWS::Events::Archive"


def resources_in(outdir: Path) -> list[dict[str, Any]]:
    templates = [json.loads(path.read_text()) for path in outdir.glob("*.template.json")]
    return [resource for template in templates for resource in template["Resources"].values()]


def two_resources(**context: str) -> App:
    app = App(context=context)
    stack = Stack(app, "Stack")
    CfnResource(stack, "Archive", type=OMITTED)
    CfnResource(stack, "Topic", type="AWS::SNS::Topic")
    return app


def types_of(app: App) -> set[str]:
    return {found.cfn_resource_type for found in app.node.find_all() if isinstance(found, CfnResource)}


def test_leave_out_removes_exactly_the_named_type() -> None:
    app = two_resources(leave_out=OMITTED)
    leave_out(app)
    assert types_of(app) == {"AWS::SNS::Topic"}


def test_leave_out_removes_stacks_that_become_empty() -> None:
    app = two_resources(leave_out=f"{OMITTED},AWS::SNS::Topic")
    leave_out(app)
    assert app.node.children == []
    empty = App()
    Stack(empty, "Stack")
    leave_out(empty)
    assert [child.node.id for child in empty.node.children] == ["Stack"]


def test_leave_out_removes_nothing_by_default() -> None:
    app = two_resources()
    leave_out(app)
    assert types_of(app) == {OMITTED, "AWS::SNS::Topic"}


def test_leave_out_rejects_unknown_types() -> None:
    app = two_resources(leave_out=f"{OMITTED}, AWS::Events::Archives")
    with pytest.raises(UnknownTypeError, match="has no AWS::Events::Archives; remove it"):
        leave_out(app)
    assert OMITTED in types_of(app)


@pytest.mark.parametrize("context", [{"architecture": "riscv"}, {"python": "3.9"}])
def test_target_rejects_unsupported_machines(context: dict[str, str]) -> None:
    with pytest.raises(UnknownTargetError, match=r"use one of arm64, x86_64 and one of 3.11"):
        LambdaPlatform.of(App(context=context))


def test_switches_change_only_what_they_name(tmp_path: Path) -> None:
    settings = json.loads((ROOT / "cdk.json").read_text())["context"]
    context = {**settings, **PATHS, "leave_out": OMITTED, "architecture": "x86_64"}
    synthesise(tmp_path / "switched", context=context, is_validated=False)
    plain, switched = resources_in(current_assembly()), resources_in(tmp_path / "switched")
    missing = Counter(each["Type"] for each in plain) - Counter(each["Type"] for each in switched)
    assert missing == {OMITTED: 1}
    for resources, architecture in ((plain, "arm64"), (switched, "x86_64")):
        functions = [each["Properties"] for each in resources if each["Type"] == "AWS::Lambda::Function"]
        assert functions
        assert {tuple(function["Architectures"]) for function in functions} == {(architecture,)}
