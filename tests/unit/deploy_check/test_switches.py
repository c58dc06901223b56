"""Leaving types out, and building for another machine: only on request, and only what was asked."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, CfnResource, Stack

from app import synthesise
from infrastructure.leave_out import UnknownTypeError, leave_out
from infrastructure.target import Target, UnknownTargetError

LEFT_OUT = "AWS::Events::Archive"


def resources_in(outdir: Path) -> list[dict[str, Any]]:
    templates = [json.loads(path.read_text()) for path in outdir.glob("*.template.json")]
    return [resource for template in templates for resource in template["Resources"].values()]


def two_resources(**context: str) -> App:
    app = App(context=context)
    stack = Stack(app, "Stack")
    CfnResource(stack, "Archive", type=LEFT_OUT)
    CfnResource(stack, "Topic", type="AWS::SNS::Topic")
    return app


def types_of(app: App) -> set[str]:
    return {found.cfn_resource_type for found in app.node.find_all() if isinstance(found, CfnResource)}


def test_exactly_the_named_type_is_left_out() -> None:
    app = two_resources(leave_out=LEFT_OUT)
    leave_out(app)
    assert types_of(app) == {"AWS::SNS::Topic"}


def test_a_stack_of_which_nothing_is_left_is_left_out_and_an_empty_one_is_not_ours_to_judge() -> None:
    app = two_resources(leave_out=f"{LEFT_OUT},AWS::SNS::Topic")
    leave_out(app)
    assert app.node.children == []
    empty = App()
    Stack(empty, "Stack")
    leave_out(empty)
    assert [child.node.id for child in empty.node.children] == ["Stack"]


def test_nothing_is_left_out_unless_asked_for() -> None:
    app = two_resources()
    leave_out(app)
    assert types_of(app) == {LEFT_OUT, "AWS::SNS::Topic"}


def test_a_type_the_app_does_not_have_is_refused_and_nothing_is_removed() -> None:
    app = two_resources(leave_out=f"{LEFT_OUT}, AWS::Events::Archives")
    with pytest.raises(UnknownTypeError, match="has no AWS::Events::Archives: remove it from the context"):
        leave_out(app)
    assert LEFT_OUT in types_of(app)


@pytest.mark.parametrize("context", [{"architecture": "riscv"}, {"python": "3.9"}])
def test_a_machine_that_lambda_does_not_have_is_refused(context: dict[str, str]) -> None:
    with pytest.raises(UnknownTargetError, match=r"use one of arm64, x86_64 and one of 3.11"):
        Target.of(App(context=context))


def test_both_switches_change_what_they_name_in_the_app_and_nothing_else(tmp_path: Path) -> None:
    synthesise(tmp_path / "plain")
    synthesise(tmp_path / "switched", leave_out=LEFT_OUT, architecture="x86_64")
    plain, switched = resources_in(tmp_path / "plain"), resources_in(tmp_path / "switched")
    missing = Counter(each["Type"] for each in plain) - Counter(each["Type"] for each in switched)
    assert missing == {LEFT_OUT: 1}
    for resources, architecture in ((plain, "arm64"), (switched, "x86_64")):
        functions = [each["Properties"] for each in resources if each["Type"] == "AWS::Lambda::Function"]
        assert functions
        assert {tuple(function["Architectures"]) for function in functions} == {(architecture,)}
