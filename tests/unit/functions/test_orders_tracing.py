"""The cause of an HTTP request: its id and its trace."""

import re
from typing import Any

import pytest

from functions.orders.request import cause_of

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"
AMAZONS = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"


def traceparent_of(**headers: str) -> str:
    return cause_of(a_request(**headers), correlation_id="c").traceparent


def a_request(request_id: str = "JKJaXmPLvHcESHA=", **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"requestContext": {"requestId": request_id}, "headers": named}


def test_trace_of_client_is_continued() -> None:
    given = f"00-{TRACE}-{SPAN}-01"
    assert traceparent_of(traceparent=given, x_amzn_trace_id=AMAZONS) == given


def test_xray_trace_is_continued_in_w3c_form() -> None:
    expected = "00-5759e988bd862e3fe1be46a994272793-bd862e3fe1be46a9-01"
    assert traceparent_of(x_amzn_trace_id=AMAZONS) == expected


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "garbage",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE}-{SPAN}-01\n",
        f"01-{TRACE}-{SPAN}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        "x" * 10_000,
    ],
    ids=lambda text: ascii(text)[:20],
)
def test_trace_is_new_when_header_is_invalid(garbage: str) -> None:
    fresh = traceparent_of()
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", fresh)
    assert traceparent_of(traceparent=garbage, x_amzn_trace_id=garbage) == fresh


def test_each_request_has_its_own_cause_and_trace() -> None:
    causes = [cause_of(a_request(name), correlation_id="c") for name in ("one", "two")]
    assert len({cause.id for cause in causes}) == 2
    assert len({cause.traceparent for cause in causes}) == 2
