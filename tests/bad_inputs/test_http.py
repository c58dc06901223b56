"""A bad request gets a clear problem without its own values, is counted by code and changes nothing."""

import re

import pytest

from functions.orders.problems import PROBLEMS
from openapi.document import document
from tests.bad_inputs import test_http_front, test_http_repeated
from tests.bad_inputs.http_row import CANARY, Row
from tests.bad_inputs.http_rows import ROWS
from tests.unit.functions.account import everything
from tests.unit.functions.output import Output

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_bad_request_leaves_only_a_metric_and_a_log(row: Row, output: Output) -> None:
    row.given()
    before = everything()
    output.forget()

    reply = row.ask()

    assert (reply.status, reply.code) == (row.status, row.code)
    faults = reply.json().get("errors", [])
    assert [fault.get("pointer") for fault in faults] == ([] if faults == [] else [row.pointer])
    assert [fault.get("offset") for fault in faults] == ([] if faults == [] else [row.offset])
    assert bool(faults) == (row.pointer is not None or row.offset is not None)
    assert everything() == before
    assert CANARY not in without_names_of_fields(reply.body)
    assert "4242" not in reply.body

    kind = "Unavailable" if row.status == 503 else "Refused"
    counted = output.metrics()
    assert (counted.pop("Conflicted", 0) > 0) == row.name.startswith("H44")
    assert counted == {kind: 1, "IntakeRejected": 1}
    assert output.counted_by("IntakeRejected", "code") == {row.code: 1}
    assert CANARY not in output.everything()
    *before_it, line = output.logs()
    assert [other["message"] for other in before_it] == ["unavailable"] * (row.code == "unavailable")
    logged = {name: line[name] for name in ("level", "message", "code", "status", "request_id")}
    assert logged == {
        "level": "INFO",
        "message": "refused",
        "code": row.code,
        "status": row.status,
        "request_id": reply.json()["request_id"],
    }
    assert row.code in documented(line["route"], row.status)


def documented(route: str, status: int) -> list[str]:
    """The codes that the OpenAPI document lists for a route's status."""
    method, path = route.lower().split(" ")
    response = document()["paths"][path][method]["responses"][str(status)]
    _, narrowed = response["content"]["application/problem+json"]["schema"]["allOf"]
    codes: list[str] = narrowed["properties"]["code"]["enum"]
    return codes


def without_names_of_fields(problem: str) -> str:
    """A problem names the field that nobody asked for; some rows put the canary there."""
    return problem.replace(f"/{CANARY}", "").replace(f"`{CANARY}`", "")


def test_every_problem_code_has_a_row_or_a_test() -> None:
    """The others are tested with their functions: views, orders, another issuer and analytics."""
    elsewhere = {
        "limit_invalid",
        "cursor_invalid",
        "already_shipped",
        "mixed_currencies",
        "email_not_verified",
        "operators_only",
        "too_many_orders",
        "window_invalid",
    }
    assert {row.code for row in ROWS} == PROBLEMS.keys() - elsewhere


def test_every_422_has_a_pointer_into_the_body() -> None:
    assert [row.name for row in ROWS if row.status == 422 and not row.pointer] == [
        "H37 the same key for another order"
    ]


def test_every_case_has_a_row_or_a_numbered_test() -> None:
    names = [*(row.name for row in ROWS), *(row.name for row in test_http_front.ROWS)]
    names += test_http_front.FORGERIES
    names += [name for module in (test_http_repeated, test_http_front) for name in dir(module)]
    found = {int(number) for name in names for number in re.findall(r"(?:^|_)h(\d+)(?=[ _])", name.lower())}
    assert found == set(range(53))  # 0: cases of our own
