"""Steps run in order, are timed, and stop at the first that fails."""

import json

import pytest
from rich.console import Console

from deploy_check import report
from deploy_check.failure import CheckError, require
from deploy_check.steps import Outcome, Step, carry_out

LEFT_OUT = ["AWS::Events::Archive"]


def note(words: str) -> Step[list[str]]:
    def do(done: list[str]) -> str:
        done.append(words)
        return f"did {words}"

    return Step(words, do)


def fail(_done: list[str]) -> str:
    raise CheckError("7 pieces are for sale, not [8]\nand more")


def outcomes_of(*steps: Step[list[str]]) -> list[Outcome]:
    return carry_out(steps, [], watch=lambda _outcome: None)


def test_every_step_is_done_in_order_and_says_what_it_saw() -> None:
    done: list[str] = []
    watched: list[str] = []
    outcomes = carry_out([note("one"), note("two")], done, watch=lambda each: watched.append(each.step))
    assert done == watched == ["one", "two"]
    assert [(each.passed, each.words) for each in outcomes] == [(True, "did one"), (True, "did two")]


def test_nothing_is_done_after_a_step_that_fails() -> None:
    done: list[str] = []
    outcomes = carry_out([note("one"), Step("two", fail), note("three")], done, watch=lambda _outcome: None)
    assert done == ["one"]
    assert [each.passed for each in outcomes] == [True, False]


def test_a_step_that_breaks_fails_under_its_error_s_name() -> None:
    def break_down(_done: list[str]) -> str:
        raise ZeroDivisionError("division by zero")

    (outcome,) = outcomes_of(Step("two", break_down))
    assert (outcome.passed, outcome.words) == (False, "ZeroDivisionError: division by zero")


def test_ctrl_c_is_no_failed_step() -> None:
    def interrupt(_done: list[str]) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        outcomes_of(Step("one", interrupt))


def test_require_raises_in_the_given_words_and_only_then() -> None:
    require(met=True, otherwise="never said")
    with pytest.raises(CheckError, match=r"^said$"):
        require(met=False, otherwise="said")


def test_a_person_sees_every_step_what_was_left_out_and_the_failing_step_s_own_words() -> None:
    console = Console(record=True, width=200, quiet=False, file=None)
    with console.capture() as captured:
        report.show(console, "title", outcomes_of(note("one"), Step("two", fail)), LEFT_OUT)
    text = captured.get()
    assert "did one" in text
    assert "FAILED" in text
    assert "AWS::Events::Archive" in text
    assert text.endswith("CheckError: 7 pieces are for sale, not [8]\nand more\n")


def test_a_program_reads_the_same_as_json() -> None:
    document = json.loads(report.as_json("plain", outcomes_of(note("one"), Step("two", fail)), LEFT_OUT))
    assert (document["passed"], document["left_out"]) == (False, LEFT_OUT)
    assert [(each["step"], each["passed"]) for each in document["steps"]] == [("one", True), ("two", False)]


def test_json_says_so_when_all_went_well() -> None:
    assert json.loads(report.as_json("plain", outcomes_of(note("one")), LEFT_OUT))["passed"] is True
