"""Each type of state does what Amazon States Language says.

https://states-language.net/spec.html
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from small_world import World

Run = Callable[..., dict[str, Any]]
END = {"End": True}


@pytest.mark.parametrize(
    ("state", "document", "expected"),
    [
        ({}, {"a": 1}, {"a": 1}),
        ({"Result": 5}, {"a": 1}, 5),
        ({"Result": 5, "ResultPath": "$.b.c"}, {"a": 1}, {"a": 1, "b": {"c": 5}}),
        ({"Result": 5, "ResultPath": None}, {"a": 1}, {"a": 1}),
        ({"InputPath": "$.a"}, {"a": {"b": 2}}, {"b": 2}),
        ({"InputPath": "$.a", "ResultPath": "$.c"}, {"a": {"b": 2}}, {"a": {"b": 2}, "c": {"b": 2}}),
        ({"InputPath": None}, {"a": 1}, {}),
        ({"OutputPath": "$.a[1]"}, {"a": [1, 2]}, 2),
        ({"OutputPath": None}, {"a": 1}, {}),
        (
            {"Parameters": {"x.$": "$.a", "y": [{"z.$": "$['b c']"}]}},
            {"a": 1, "b c": 2},
            {"x": 1, "y": [{"z": 2}]},
        ),
        (
            {"Parameters": {"name.$": "$$.StateMachine.Name", "state.$": "$$.State.Name"}},
            {},
            {"name": "m", "state": "S"},
        ),
    ],
)
def test_pass_moves_data(run: Run, state: dict[str, Any], document: Any, expected: Any) -> None:
    done = run({"S": {"Type": "Pass", **state, **END}}, document)
    assert (done["status"], done["output"]) == ("SUCCEEDED", expected)


RULES = [
    ({"Variable": "$.n", "NumericGreaterThan": 2}, {"n": 3}, True),
    ({"Variable": "$.n", "NumericLessThanEquals": 2}, {"n": 3}, False),
    ({"Variable": "$.n", "NumericEquals": 3}, {"n": "3"}, False),
    ({"Variable": "$.n", "NumericGreaterThanEquals": 3}, {"n": 3}, True),
    ({"Variable": "$.t", "TimestampEquals": "2026-01-01T00:00:00"}, {"t": "2026-01-01T00:00:00"}, False),
    ({"Variable": "$.n", "NumericEqualsPath": "$.m"}, {"n": 3, "m": 3.0}, True),
    ({"Variable": "$.s", "StringEquals": "a"}, {"s": "a"}, True),
    ({"Variable": "$.s", "StringLessThan": "b"}, {"s": "a"}, True),
    ({"Variable": "$.s", "StringMatches": "log-*.t\\*t"}, {"s": "log-1.t*t"}, True),
    ({"Variable": "$.s", "StringMatches": "log-*.t\\*t"}, {"s": "log-1.tet"}, False),
    ({"Variable": "$.b", "BooleanEquals": True}, {"b": True}, True),
    (
        {"Variable": "$.t", "TimestampLessThan": "2026-01-02T00:00:00Z"},
        {"t": "2026-01-01T23:00:00-02:00"},
        False,
    ),
    ({"Variable": "$.x", "IsPresent": False}, {}, True),
    ({"Variable": "$.x", "IsNull": True}, {"x": None}, True),
    ({"Variable": "$.x", "IsNumeric": True}, {"x": True}, False),
    ({"Variable": "$.x", "IsString": True}, {"x": "a"}, True),
    ({"Variable": "$.x", "IsTimestamp": True}, {"x": "2026-01-01T00:00:00Z"}, True),
    ({"Variable": "$.x", "IsBoolean": False}, {"x": 1}, True),
    ({"Not": {"Variable": "$.n", "NumericEquals": 3}}, {"n": 4}, True),
    (
        {"And": [{"Variable": "$.n", "NumericEquals": 3}, {"Variable": "$.s", "StringEquals": "a"}]},
        {"n": 3, "s": "b"},
        False,
    ),
    (
        {"Or": [{"Variable": "$.n", "NumericEquals": 3}, {"Variable": "$.s", "StringEquals": "a"}]},
        {"n": 3, "s": "b"},
        True,
    ),
]


@pytest.mark.parametrize(("rule", "document", "matches"), RULES)
def test_choice_follows_the_rule_that_matches(
    run: Run, rule: dict[str, Any], document: dict[str, Any], *, matches: bool
) -> None:
    done = run(
        {
            "C": {"Type": "Choice", "Choices": [{**rule, "Next": "Yes"}], "Default": "No"},
            "Yes": {"Type": "Pass", "Result": True, **END},
            "No": {"Type": "Pass", "Result": False, **END},
        },
        document,
    )
    assert done["output"] is matches


@pytest.mark.parametrize(
    ("document", "error"), [({"n": 1}, "States.NoChoiceMatched"), ({}, "States.Runtime")]
)
def test_choice_without_a_match_fails(run: Run, document: dict[str, Any], error: str) -> None:
    rule = {"Variable": "$.n", "NumericEquals": 3, "Next": "Yes"}
    done = run({"C": {"Type": "Choice", "Choices": [rule]}, "Yes": {"Type": "Succeed"}}, document)
    assert (done["status"], done["error"]) == ("FAILED", error)


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [
        ({"Seconds": 90}, 90),
        ({"SecondsPath": "$.s"}, 30),
        ({"Timestamp": "2026-01-01T01:00:00Z"}, 3600),
        ({"TimestampPath": "$.t"}, 7200),
        ({"Timestamp": "2025-01-01T00:00:00Z"}, 0),
    ],
)
def test_wait_takes_virtual_time(run: Run, world: World, wait: dict[str, Any], seconds: int) -> None:
    began = world.cloud.clock.now()
    document = {"s": 30, "t": "2026-01-01T02:00:00Z"}
    done = run({"W": {"Type": "Wait", **wait, "Next": "S"}, "S": {"Type": "Succeed"}}, document)
    assert done["output"] == document
    assert world.cloud.clock.now() - began == timedelta(seconds=seconds)


def test_fail_names_error_and_cause(run: Run) -> None:
    done = run(
        {"F": {"Type": "Fail", "Error": "NotPaid", "CausePath": "States.Format('by {}', $.who)"}},
        {"who": "ada"},
    )
    assert (done["status"], done["error"], done["cause"]) == ("FAILED", "NotPaid", "by ada")


def test_parallel_collects_outputs_in_order(run: Run) -> None:
    slow = {
        "StartAt": "W",
        "States": {"W": {"Type": "Wait", "Seconds": 5, "Next": "S"}, "S": {"Type": "Succeed"}},
    }
    fast = {"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": "fast", **END}}}
    state = {
        "Type": "Parallel",
        "Branches": [slow, fast],
        "ResultSelector": {"first.$": "$[0].n", "second.$": "$[1]"},
        "ResultPath": "$.both",
        **END,
    }
    assert run({"P": state}, {"n": 1})["output"] == {"n": 1, "both": {"first": 1, "second": "fast"}}


def test_failed_branch_stops_the_others(run: Run, world: World) -> None:
    slow = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 500, **END}}}
    broken = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E"}}}
    catch = {"ErrorEquals": ["E"], "ResultPath": "$.why", "Next": "S"}
    began = world.cloud.clock.now()
    done = run(
        {
            "P": {"Type": "Parallel", "Branches": [slow, broken], "Catch": [catch], **END},
            "S": {"Type": "Succeed"},
        },
        {"n": 1},
    )
    assert done["output"] == {"n": 1, "why": {"Error": "E", "Cause": ""}}
    assert done["stopDate"] - done["startDate"] < timedelta(seconds=1)
    assert world.cloud.clock.now() - began <= timedelta(seconds=500)


@pytest.mark.parametrize("limit", [0, 1])
def test_map_processes_each_item(run: Run, world: World, limit: int) -> None:
    wait = {"Type": "Wait", "Seconds": 10, **END}
    state = {
        "Type": "Map",
        "ItemsPath": "$.items",
        "ItemSelector": {"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value", "all.$": "$.n"},
        "ItemProcessor": {"StartAt": "W", "States": {"W": wait}},
        "MaxConcurrency": limit,
        **END,
    }
    began = world.cloud.clock.now()
    done = run({"M": state}, {"items": ["a", "b"], "n": 2})
    assert done["output"] == [{"i": 0, "v": "a", "all": 2}, {"i": 1, "v": "b", "all": 2}]
    assert world.cloud.clock.now() - began == timedelta(seconds=20 if limit else 10)


def test_states_inside_a_map_know_their_item(run: Run) -> None:
    parameters = {"at.$": "$$.Map.Item.Index", "value.$": "$$.Map.Item.Value"}
    inner = {"StartAt": "P", "States": {"P": {"Type": "Pass", "Parameters": parameters, **END}}}
    both = {"StartAt": "B", "States": {"B": {"Type": "Parallel", "Branches": [inner], **END}}}
    done = run({"M": {"Type": "Map", "ItemProcessor": both, **END}}, ["a", "b"])
    assert done["output"] == [[{"at": 0, "value": "a"}], [{"at": 1, "value": "b"}]]


def test_map_of_nothing_is_empty(run: Run) -> None:
    iterator = {"StartAt": "P", "States": {"P": {"Type": "Pass", **END}}}
    assert run({"M": {"Type": "Map", "Iterator": iterator, **END}}, [])["output"] == []
    assert run({"M": {"Type": "Map", "Iterator": iterator, **END}}, {})["error"] == "States.Runtime"


@pytest.mark.parametrize(
    ("state", "cause"),
    [
        (
            {"Parameters": {"v.$": "$.list[2]"}},
            (
                "The JSONPath '$.list[2]' specified for the field 'v.$' could not be found in the input "
                "'{\"list\":[1,2]}'"
            ),
        ),
        ({"InputPath": "$.gone"}, "Invalid path '$.gone' : no such value in the input"),
    ],
)
def test_missing_value_fails_where_it_is_needed(run: Run, state: dict[str, Any], cause: str) -> None:
    states = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", **state, **END}}
    done = run(states, {"list": [1, 2]})
    place = "An error occurred while executing the state 'B' (entered at the event id #4). "
    assert (done["status"], done["error"], done["cause"]) == ("FAILED", "States.Runtime", place + cause)


def test_error_in_a_branch_names_its_state(run: Run) -> None:
    inner = {"StartAt": "P", "States": {"P": {"Type": "Pass", "InputPath": "$.gone", **END}}}
    catch = {"ErrorEquals": ["States.ALL"], "Next": "S"}
    outer = {"Type": "Parallel", "Branches": [inner], "Catch": [catch], **END}
    done = run({"B": outer, "S": {"Type": "Succeed"}})
    assert (done["status"], done["error"]) == ("FAILED", "States.Runtime")
    assert done["cause"].startswith("An error occurred while executing the state 'P' ")


def test_endless_loop_reaches_the_limit(run: Run) -> None:
    states = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}
    done = run(states)
    cause = "The execution reached the maximum number of history events (25000)."
    assert (done["status"], done["error"], done["cause"]) == ("FAILED", "States.Runtime", cause)


def test_output_that_is_too_large_fails(run: Run) -> None:
    large = {"Type": "Map", "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", **END}}}}
    catch = {"ErrorEquals": ["States.ALL"], "Next": "S"}
    state = {**large, "ItemsPath": "$.items", "ItemSelector": {"v.$": "$.long"}, "Catch": [catch], **END}
    document = {"items": [1, 2, 3], "long": "x" * 100_000}
    done = run({"M": state, "S": {"Type": "Succeed"}}, document)
    assert (done["status"], done["error"]) == ("FAILED", "States.DataLimitExceeded")
