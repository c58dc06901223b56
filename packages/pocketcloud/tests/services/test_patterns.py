import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World

from pocketcloud.eventbridge.patterns import BUS, MAPPING, SUBSCRIPTION, InvalidPatternError, compile_pattern
from pocketcloud.eventbridge.wildcards import complexity_of, parse_wildcard

RECORDED = json.loads((Path(__file__).parent / "recorded_event_patterns.json").read_text())
"""Patterns, events and results of AWS; the file names its source."""

EVENT: dict[str, Any] = {
    "source": "orders",
    "detail": {
        "total": 42,
        "rate": 4.5,
        "paid": True,
        "note": None,
        "empty": "",
        "state": "EU-west",
        "ip": "10.1.2.3",
        "path": "/a/b*c/d",
        "tags": ["red", "blue"],
        "lines": [{"sku": "CUP", "quantity": 1, "weight": 3}, {"sku": "POT", "quantity": 9}],
        "nothing": {},
        "dotted.name": "x",
        "ipv6": "2001:db8::1",
    },
}

MATCHING = [
    {"source": ["orders"]},
    {"source": ["payments", "orders"]},
    {"detail": {"total": [42]}},
    {"detail": {"total": [42.0]}},
    {"detail": {"total": [4.2e1]}},
    {"detail.total": [42]},
    {"detail.lines.sku": ["POT"], "detail": {"lines": {"quantity": [9]}}},
    {"detail": {"dotted.name": ["x"]}},
    {"detail": {"dotted": {"name": ["x"]}}},
    {"detail": {"state": [{"prefix": ""}]}},
    {"detail": {"empty": [{"equals-ignore-case": ""}]}},
    {"detail": {"empty": [{"wildcard": ""}]}},
    {"detail": {"ip": ["10.1.2.3"]}},
    {"detail": {"ipv6": ["2001:db8:0:0:0:0:0:1"]}},
    {"detail": {"state": [{"exactly": "EU-west"}]}},
    {"detail": {"lines": {"sku": ["POT"], "weight": [{"exists": False}]}}},
    {"detail": {"paid": [True]}},
    {"detail": {"note": [None]}},
    {"detail": {"empty": [""]}},
    {"detail": {"state": [{"prefix": "EU"}]}},
    {"detail": {"state": [{"prefix": {"equals-ignore-case": "eu-"}}]}},
    {"detail": {"state": [{"suffix": "west"}]}},
    {"detail": {"state": [{"suffix": {"equals-ignore-case": "WEST"}}]}},
    {"detail": {"state": [{"equals-ignore-case": "eu-WEST"}]}},
    {"detail": {"state": [{"anything-but": "US"}]}},
    {"detail": {"state": [{"anything-but": ["US", "AP"]}]}},
    {"detail": {"state": [{"anything-but": {"prefix": "US"}}]}},
    {"detail": {"state": [{"anything-but": {"suffix": ["east", "north"]}}]}},
    {"detail": {"state": [{"anything-but": {"wildcard": "*-east"}}]}},
    {"detail": {"total": [{"numeric": ["=", 42]}]}},
    {"detail": {"rate": [{"numeric": [">", 4, "<=", 4.5]}]}},
    {"detail": {"ip": [{"cidr": "10.1.0.0/16"}]}},
    {"detail": {"path": [{"wildcard": "/a/*/d"}]}},
    {"detail": {"path": [{"wildcard": "/a/b\\*c/*"}]}},
    {"detail": {"total": [{"exists": True}]}},
    {"detail": {"missing": [{"exists": False}]}},
    {"detail": {"nothing": [{"exists": False}]}},
    {"detail": {"deep": {"er": [{"exists": False}]}}},
    {"detail": {"tags": ["blue"]}},
    {"detail": {"lines": {"sku": ["POT"], "quantity": [{"numeric": [">", 5]}]}}},
    {"$or": [{"source": ["x"]}, {"detail": {"total": [42]}}]},
    {"detail": {"$or": [{"total": [1]}, {"paid": [True]}], "rate": [4.5]}},
]
NOT_MATCHING = [
    {"source": ["payments"]},
    {"source": ["orders"], "detail": {"total": [41]}},
    {"detail": {"total": ["42"]}},
    {"detail": {"paid": [1]}},
    {"detail": {"paid": [{"numeric": ["=", 1]}]}},
    {"detail": {"state": [{"prefix": "eu"}]}},
    {"detail": {"state": [{"anything-but": {"prefix": "EU"}}]}},
    {"detail": {"state": [{"numeric": [">", 0]}]}},
    {"detail": {"missing": [{"anything-but": "x"}]}},
    {"detail": {"ip": [{"cidr": "10.2.0.0/16"}]}},
    {"detail": {"state": [{"cidr": "10.2.0.0/16"}]}},
    {"detail": {"path": [{"wildcard": "/a/*/e"}]}},
    {"detail": {"nothing": [{"exists": True}]}},
    {"detail": {"lines": [{"exists": True}]}},
    {"detail": {"total": [{"exists": False}]}},
    {"detail": {"lines": {"sku": ["CUP"], "quantity": [9]}}},
    {"detail.lines.sku": ["CUP"], "detail": {"lines": {"quantity": [9]}}},
    {"detail": {"lines": {"sku": ["CUP"], "weight": [{"exists": False}]}}},
    {"$or": [{"source": ["x"]}, {"detail": {"total": [1]}}]},
]
INVALID = [
    ({"source": [{"sounds-like": "orders"}]}, "Unrecognized match type sounds-like"),
    ({"source": "orders"}, '"source" must be an object or an array'),
    ({"source": []}, "Empty arrays"),
    ({"detail": {}}, "Empty objects"),
    ({"source": [{"prefix": "a", "suffix": "b"}]}, "Only one key"),
    ({"source": [{"prefix": 1}]}, "prefix match pattern"),
    ({"source": [{"exists": "yes"}]}, "either true or false"),
    ({"source": [{"numeric": ["~", 1]}]}, "Unrecognized numeric range operator: ~"),
    ({"source": [{"numeric": ["=", "1"]}]}, "must be numeric"),
    ({"source": [{"numeric": ["=", 1, "<", 2]}]}, "Too many elements"),
    ({"source": [{"numeric": [">", 5, "<", 2]}]}, "Bottom must be less than top"),
    ({"source": [{"cidr": "not-a-block"}]}, "Malformed CIDR"),
    ({"source": [{"wildcard": "a**b"}]}, "Consecutive wildcard"),
    ({"source": [{"anything-but": {"exists": True}}]}, "Unsupported anything-but pattern: exists"),
    ({"source": [["nested"]]}, "Match value must be"),
    ({"source": [{"anything-but": [None]}]}, "start.null.boolean is not supported"),
    ({"source": [{"anything-but": ["a", 1]}]}, "mixed type is not supported"),
    ({"source": [{"anything-but": {"prefix": ""}}]}, "Null prefix/suffix not allowed"),
    ({"source": [{"wildcard": "*:*:*:*:*:event-bus/*"}]}, "Rule is too complex"),
    ({"source": [{"wildcard": "a\\b"}]}, "Invalid escape character at pos 2"),
    ({"source": [{"cidr": "10.0.0.0/32"}]}, "IPv4 mask bits must be < 32"),
    ({"source": [{"numeric": ["<", 2**53 + 1]}]}, "Cannot compare number"),
    ({"$or": [{"prefix": ["a"]}, {"source": ["b"]}]}, "reserved fieldName"),
    ({"$or": {"source": ["b"]}}, "must be an Array"),
    ({"$or": [{"source": ["a"]}]}, "at least 2 Objects"),
]


@pytest.mark.parametrize("pattern", MATCHING, ids=json.dumps)
def test_pattern_matches(pattern: dict[str, Any]) -> None:
    assert compile_pattern(json.dumps(pattern), BUS)(EVENT)


@pytest.mark.parametrize("pattern", NOT_MATCHING, ids=json.dumps)
def test_pattern_does_not_match(pattern: dict[str, Any]) -> None:
    assert not compile_pattern(json.dumps(pattern), BUS)(EVENT)


@pytest.mark.parametrize(("pattern", "reason"), INVALID, ids=[reason for _, reason in INVALID])
def test_invalid_pattern_is_rejected_with_awss_reason(pattern: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidPatternError, match=reason):
        compile_pattern(json.dumps(pattern), BUS)


@pytest.mark.parametrize("pattern", [{"a": [{"wildcard": "x*"}]}, {"a": [{"anything-but": {"prefix": "x"}}]}])
def test_mapping_supports_fewer_operators_than_a_bus(pattern: dict[str, Any]) -> None:
    compile_pattern(json.dumps(pattern), BUS)
    compile_pattern(json.dumps(pattern), SUBSCRIPTION)
    with pytest.raises(InvalidPatternError):
        compile_pattern(json.dumps(pattern), MAPPING)


@pytest.mark.parametrize("case", RECORDED["cases"], ids=lambda case: case["name"])
def test_pattern_has_the_result_recorded_on_aws(world: World, case: dict[str, Any]) -> None:
    texts = {
        "EventPattern": json.dumps(case["pattern"]),
        "Event": json.dumps({**RECORDED["base"], **case["event"]}),
    }
    events = world.cloud.client("events")
    if isinstance(case["result"], bool):
        assert events.test_event_pattern(**texts)["Result"] is case["result"]
        return
    with pytest.raises(ClientError, match="InvalidEventPatternException") as error:
        events.test_event_pattern(**texts)
    assert error.value.response["Error"]["Message"] == f"Event pattern is not valid. Reason: {case['result']}"


@pytest.mark.parametrize("event", ["text", "[]", "{}"])
def test_event_pattern_is_not_tested_with_an_invalid_event(world: World, event: str) -> None:
    with pytest.raises(ClientError, match="Parameter Event is not valid"):
        world.cloud.client("events").test_event_pattern(EventPattern='{"source": ["a"]}', Event=event)


def test_last_rules_count_when_a_field_is_named_twice() -> None:
    matches = compile_pattern('{"a": ["x"], "a": ["y"], "b": {"c": [1]}, "b": {"d": [2]}}', BUS)
    assert matches({"a": "y", "b": {"c": 1, "d": 2}})
    assert not matches({"a": "x", "b": {"c": 1, "d": 2}})
    assert not matches({"a": "y", "b": {"d": 2}})


COMPLEXITIES = [
    (["*"], 1),
    (["*aa"], 3),
    (["a*b*bb"], 5),
    (["*ab*b*b*"], 7),
    (["*a*a*a*a*"], 9),
    (["a*aaa", "aa*aa"], 7),
    (["F*eatureFeature", "Fe*atureFeature", "Fea*tureFeature"], 10),
]


@pytest.mark.parametrize(("texts", "complexity"), COMPLEXITIES)
def test_wildcards_are_as_complex_as_event_ruler_counts(texts: list[str], complexity: int) -> None:
    """https://github.com/aws/event-ruler, MachineComplexityEvaluatorTest (21 July 2026)"""
    assert complexity_of(map(parse_wildcard, texts)) == complexity


@pytest.mark.parametrize("text", ["", "{", "[]", '"text"'])
def test_pattern_must_be_a_json_object(text: str) -> None:
    with pytest.raises(InvalidPatternError):
        compile_pattern(text, BUS)
