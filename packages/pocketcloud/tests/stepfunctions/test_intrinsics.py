"""Intrinsic functions have the values that AWS's guide documents.

https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., dict[str, Any]]
END = {"End": True}


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("States.Format('{} of {}', $.n, States.Array($.s, 'x'))", '3 of ["a b","x"]'),
        ("States.Format('it\\'s \\{{}\\}', $.n)", "it's {3}"),
        ("States.StringToJson($.json)", {"k": [1]}),
        ("States.JsonToString($.list)", "[1,2,2,3]"),
        ("States.ArrayPartition($.list, 3)", [[1, 2, 2], [3]]),
        ("States.ArrayContains($.list, 3)", True),
        ("States.ArrayRange(1, 5, 2)", [1, 3, 5]),
        ("States.ArrayRange(5, 1, -2)", [5, 3, 1]),
        ("States.ArrayGetItem($.list, 3)", 3),
        ("States.ArrayLength($.list)", 4),
        ("States.ArrayUnique($.list)", [1, 2, 3]),
        ("States.Base64Encode($.s)", "YSBi"),
        ("States.Base64Decode('YSBi')", "a b"),
        ("States.Hash('a', 'SHA-1')", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
        ("States.JsonMerge($.one, $.two, false)", {"a": 2, "b": 1}),
        ("States.MathAdd($.n, -1)", 2),
        ("States.StringSplit('1,2;3', ',;')", ["1", "2", "3"]),
    ],
)
def test_intrinsic_function_has_its_value(run: Run, call: str, expected: Any) -> None:
    document = {
        "n": 3,
        "s": "a b",
        "json": '{"k":[1]}',
        "list": [1, 2, 2, 3],
        "one": {"a": 1, "b": 1},
        "two": {"a": 2},
    }
    done = run({"S": {"Type": "Pass", "Parameters": {"v.$": call}, **END}}, document)
    assert done["output"] == {"v": expected}


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"v.$": "States.Format('{}', $.gone)"}, "States.Runtime"),
        ({"v.$": "States.StringToJson('{')"}, "States.IntrinsicFailure"),
        ({"v.$": "States.Format('{}')"}, "States.IntrinsicFailure"),
        ({"v.$": "States.Format('{}', 1, 2)"}, "States.IntrinsicFailure"),
        ({"v.$": "States.ArrayRange(1, 5, 0)"}, "States.IntrinsicFailure"),
    ],
)
def test_template_that_cannot_be_filled_fails(run: Run, parameters: dict[str, str], error: str) -> None:
    done = run({"S": {"Type": "Pass", "Parameters": parameters, **END}})
    assert (done["status"], done["error"]) == ("FAILED", error)
