import json
from typing import Any

import pytest

from pocketcloud.eventbridge.patterns import BUS, MAPPING, SUBSCRIPTION, InvalidPatternError, compile_pattern

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
        "lines": [{"sku": "CUP", "quantity": 1}, {"sku": "POT", "quantity": 9}],
        "nothing": {},
    },
}

MATCHING = [
    {"source": ["orders"]},
    {"source": ["payments", "orders"]},
    {"detail": {"total": [42]}},
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
    {"detail": {"total": [42.0]}},
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
    ({"$or": [{"source": ["a"]}]}, "at least two objects"),
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


@pytest.mark.parametrize("pattern", [{"a": [{"wildcard": "x*"}]}, {"a": [{"anything-but": {"suffix": "x"}}]}])
def test_mapping_supports_fewer_operators_than_a_bus(pattern: dict[str, Any]) -> None:
    compile_pattern(json.dumps(pattern), BUS)
    compile_pattern(json.dumps(pattern), SUBSCRIPTION)
    with pytest.raises(InvalidPatternError):
        compile_pattern(json.dumps(pattern), MAPPING)


@pytest.mark.parametrize("text", ["", "{", "[]", '"text"'])
def test_pattern_must_be_a_json_object(text: str) -> None:
    with pytest.raises(InvalidPatternError):
        compile_pattern(text, BUS)
