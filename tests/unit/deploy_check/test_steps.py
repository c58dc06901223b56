"""Steps run in order, are measured, and stop at the first failure."""

import json

import pytest
from rich.console import Console

from deploy_check import report
from deploy_check.failure import CheckError, require
from deploy_check.steps import CheckStep, StepResult, run_steps

OMITTED = ["AWS::Events::Archive"]


def note(message: str) -> CheckStep[list[str]]:
    def do(done: list[str]) -> str:
        done.append(message)
        return f"did {message}"

    return CheckStep(message, do)


def fail(_run_step: list[str]) -> str:
    raise CheckError("7 items are for sale, not [8]\nand more")


def outcomes_of(*steps: CheckStep[list[str]]) -> list[StepResult]:
    return run_steps(steps, [], report_step=lambda _result: None)


def test_steps_run_in_order_and_return_a_message() -> None:
    done: list[str] = []
    reported: list[str] = []
    results = run_steps([note("one"), note("two")], done, report_step=lambda each: reported.append(each.step))
    assert done == reported == ["one", "two"]
    assert [(each.passed, each.message) for each in results] == [(True, "did one"), (True, "did two")]


def test_steps_stop_after_a_failure() -> None:
    done: list[str] = []
    results = run_steps(
        [note("one"), CheckStep("two", fail), note("three")], done, report_step=lambda _result: None
    )
    assert done == ["one"]
    assert [each.passed for each in results] == [True, False]


def test_step_fails_with_the_name_of_its_error() -> None:
    def break_down(_run_step: list[str]) -> str:
        raise ZeroDivisionError("division by zero")

    (result,) = outcomes_of(CheckStep("two", break_down))
    assert (result.passed, result.message) == (False, "ZeroDivisionError: division by zero")


def test_steps_do_not_catch_ctrl_c() -> None:
    def interrupt(_run_step: list[str]) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        outcomes_of(CheckStep("one", interrupt))


def test_require_raises_its_message_only_if_unmet() -> None:
    require(met=True, otherwise="never raised")
    with pytest.raises(CheckError, match=r"^message$"):
        require(met=False, otherwise="message")


def test_report_shows_steps_left_out_types_and_failure() -> None:
    console = Console(record=True, width=200, quiet=False, file=None)
    with console.capture() as captured:
        report.show(console, "title", outcomes_of(note("one"), CheckStep("two", fail)), OMITTED)
    text = captured.get()
    assert "did one" in text
    assert "FAILED" in text
    assert "AWS::Events::Archive" in text
    assert text.endswith("CheckError: 7 items are for sale, not [8]\nand more\n")


def test_report_as_json_has_the_same_content() -> None:
    document = json.loads(report.as_json("plain", outcomes_of(note("one"), CheckStep("two", fail)), OMITTED))
    assert (document["passed"], document["omitted"]) == (False, OMITTED)
    assert [(each["step"], each["passed"]) for each in document["steps"]] == [("one", True), ("two", False)]


def test_report_as_json_passes_without_a_failure() -> None:
    assert json.loads(report.as_json("plain", outcomes_of(note("one")), OMITTED))["passed"] is True
