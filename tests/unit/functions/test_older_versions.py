"""Tests of the last day of an older version: the day of the event decides, whenever it is handled."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from functions.contracts.storefront import CheckoutCompletedV1
from functions.orders.handler import handle
from functions.shared.contracts.codec import Rejected
from functions.shared.runtime.older_versions import check_last_day, ends_soon
from tests.now import NOW
from tests.unit.functions.account import dead_lettered, names_of_facts
from tests.unit.functions.builders import (
    NO_FAILURES,
    Context,
    a_batch,
    a_checkout_completed,
    a_delivery,
    an_event,
    an_order_created,
)
from tests.unit.functions.output import Output

LAST_DAYS = '{"CheckoutCompleted": {"1": "2027-06-30"}}'
V1 = msgspec.structs.replace(an_event(a_checkout_completed()), major=1)


@pytest.mark.parametrize(
    ("time", "is_accepted", "soon"),
    [
        ("2027-05-31T23:59:59.999+00:00", True, False),
        ("2027-06-01T00:00:00+00:00", True, True),
        ("2027-06-30T23:59:59.999999+00:00", True, True),
        ("2027-07-01T00:00:00+00:00", False, True),
        ("2027-07-01T01:59:59+02:00", True, True),
        ("2027-06-30T22:00:00-02:00", False, True),
        ("2026-11-23T10:00:00+00:00", True, False),
    ],
)
def test_day_of_the_event_decides_in_utc(
    monkeypatch: pytest.MonkeyPatch, time: str, is_accepted: bool, soon: bool
) -> None:
    monkeypatch.setenv("ACCEPT_OLDER_UNTIL", LAST_DAYS)
    event = msgspec.structs.replace(V1, time=datetime.fromisoformat(time))
    assert ends_soon(event) is soon
    if is_accepted:
        check_last_day(event)
    else:
        with pytest.raises(Rejected, match="CheckoutCompleted v1 ended on 2027-06-30: publish v2"):
            check_last_day(event)


@pytest.mark.parametrize(
    ("last_days", "event"),
    [
        (LAST_DAYS, msgspec.structs.replace(V1, major=2)),
        (LAST_DAYS, msgspec.structs.replace(an_event(an_order_created()), major=1)),
        ("{}", V1),
        (None, V1),
    ],
    ids=["the latest", "our own", "without last days", "without the variable"],
)
def test_version_without_a_last_day_never_ends(
    monkeypatch: pytest.MonkeyPatch, last_days: str | None, event: Any
) -> None:
    if last_days is None:
        monkeypatch.delenv("ACCEPT_OLDER_UNTIL", raising=False)
    else:
        monkeypatch.setenv("ACCEPT_OLDER_UNTIL", last_days)
    late = msgspec.structs.replace(event, time=datetime(2099, 1, 1, tzinfo=UTC))
    check_last_day(late)
    assert not ends_soon(late)


def handled(monkeypatch: pytest.MonkeyPatch, *, days_left: int, **changes: Any) -> None:
    """Handle a checkout in version 1, so many days before its last one."""
    last = (NOW + timedelta(days=days_left)).date().isoformat()
    monkeypatch.setenv("ACCEPT_OLDER_UNTIL", json.dumps({"CheckoutCompleted": {"1": last}}))
    older = msgspec.to_builtins(CheckoutCompletedV1.downcast(a_checkout_completed()))
    schema = "urn:orderbus:schema:storefront:CheckoutCompleted:1"
    body = a_delivery(a_checkout_completed(), dataschema=schema, data=older, **changes)
    assert handle(a_batch(body), Context()) == NO_FAILURES


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(("days_left", "soon"), [(0, True), (29, True), (30, False)])
def test_older_checkout_is_counted_before_its_last_day(
    monkeypatch: pytest.MonkeyPatch, output: Output, days_left: int, soon: bool
) -> None:
    handled(monkeypatch, days_left=days_left)
    assert dead_lettered() == []
    assert names_of_facts() == ["OrderCreated"]
    counted = output.metrics()
    assert counted["OlderVersion"] == 1
    assert counted.get("OlderVersionEndsSoon", 0) == soon
    assert ("older version ends soon" in output.everything()) is soon


@pytest.mark.usefixtures("catalogue")
def test_checkout_is_dead_lettered_after_the_last_day(monkeypatch: pytest.MonkeyPatch) -> None:
    handled(monkeypatch, days_left=-1)
    (message,) = dead_lettered()
    assert message.attributes["reason"] == "version_ended"
    assert message.attributes["detail"].endswith(": publish v2")
    assert names_of_facts() == []


@pytest.mark.usefixtures("catalogue")
def test_checkout_from_before_the_last_day_is_accepted_later(monkeypatch: pytest.MonkeyPatch) -> None:
    handled(monkeypatch, days_left=-1, time=(NOW - timedelta(days=1)).isoformat())
    assert dead_lettered() == []
