"""Edits of a message's event: accepted if its consumer accepts the result, and listed."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.dlq.amendment import InvalidEditError, ValueChange, edit_event
from functions.shared.contracts.delivery import MAXIMUM_DELIVERY_CHARACTERS
from functions.shared.runtime.received import Arrival
from pocketcloud.virtual_time.clock import START
from tests.bad_inputs.event_row import Row
from tests.bad_inputs.event_rows import ROWS
from tests.now import NOW
from tests.workflow.shop import a_checkout, checkout_entry, delivery_entry

SHARED = Path(__file__).parents[3] / "functions" / "shared"
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:orderbus-dev-orders"
ARRIVAL = Arrival.in_queue(QUEUE, at=START)
OF_TABLES = {"id_collision", "sku_reserved"}
"""Reasons that depend on the consumer's tables, or on whose event it is."""
ELSEWHERE = {"duplicate_sku", "message_too_large", "json_invalid"}
"""Reasons with a test of their own below."""
OF_PUBLICATION = {"event_too_large"}
"""Reasons that prevent the publication of an event."""


def a_body(**detail: Any) -> str:
    entry = checkout_entry(a_checkout())
    document = {**json.loads(entry["Detail"]), **detail}
    return json.dumps(
        {"source": entry["Source"], "detail-type": entry["DetailType"], "account": "1", "detail": document}
    )


def edited(body: str, *settings: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(edit_event(body, ARRIVAL, settings=settings, document=None).body)
    return document


def test_edit_changes_only_the_value_at_its_pointer() -> None:
    before = json.loads(a_body())
    after = edited(a_body(), "/data/lines/1/quantity=7", "/data/email=eve@example.com")
    before["detail"]["data"]["lines"][1]["quantity"] = 7
    before["detail"]["data"]["email"] = "eve@example.com"
    assert after == before


def test_edit_reports_the_value_before_and_after() -> None:
    found = edit_event(a_body(), ARRIVAL, settings=["/data/lines/0/quantity=3"], document=None)
    assert found.changes == [ValueChange(pointer="/data/lines/0/quantity", before="1", after="3")]


def test_edit_replaces_the_whole_event() -> None:
    document = json.loads(a_body())["detail"]
    found = edit_event(a_body(dataschema="urn:none"), ARRIVAL, settings=[], document=json.dumps(document))
    assert [change.pointer for change in found.changes] == ["/dataschema"]
    assert json.loads(found.body)["detail"] == document


def test_edit_removes_the_envelope_of_sns() -> None:
    wrapped = json.dumps({"Type": "Notification", "Message": a_body()})
    assert edited(wrapped, "/data/lines/0/quantity=3")["source"] == "storefront"


@pytest.mark.parametrize(
    ("body", "setting"),
    [
        ("this is not JSON", "/data=1"),
        ("[]", "/data=1"),
        (a_body(), "data/lines=1"),
        (a_body(), "/data/lines/0/quantity"),
        (a_body(), "/data/lines/-1/quantity=2"),
        (a_body(), "/data/lines/9/quantity=2"),
        (a_body(), "/data/nothing/there=2"),
        (a_body(), "/data/lines/0/quantity=0"),
        (a_body(), "/data/lines/0/quantity=1"),
        (a_body(), "/source=payments"),
        (a_body(), "/type=PaymentProcessed"),
    ],
)
def test_edit_is_rejected_when_impossible_or_not_accepted(body: str, setting: str) -> None:
    with pytest.raises(InvalidEditError):
        edit_event(body, ARRIVAL, settings=[setting], document=None)


def editable() -> dict[str, tuple[Row, dict[str, Any]]]:
    """Return the bad events that an edit could produce, by their names."""
    found = {}
    for row in ROWS:
        try:
            message = json.loads(row.body)
        except (ValueError, RecursionError):
            continue
        if isinstance(message, dict) and "detail" in message:
            found[row.name] = (row, message)
    return found


EDITABLE = editable()


@pytest.mark.parametrize("name", EDITABLE)
def test_edit_is_accepted_exactly_when_its_consumer_accepts(name: str) -> None:
    row, message = EDITABLE[name]
    before = json.dumps({**message, "detail": {"not": "an event"}})
    rejection = None
    try:
        edit_event(
            before,
            Arrival.in_queue(QUEUE, at=NOW),
            settings=[],
            document=json.dumps(message["detail"]),
        )
    except InvalidEditError as error:
        rejection = str(error)
    if row.gets == "handled" or name == "E19 for somebody else":  # the topology decides who reacts
        assert rejection is None
    elif row.gets == "retried":
        assert rejection == "Its consumer would not handle that: there is no fact OrderGiftWrapped."
    else:
        assert rejection is not None
        reason = (
            "json_invalid" if name == "E34 infinity" else row.reason
        )  # Python writes it, though JSON has no such number
        assert rejection.startswith(f"Its consumer would reject that: {reason}")


def the_rejection(body: str, *settings: str, at_days: float = 0) -> str:
    arrival = Arrival.in_queue(QUEUE, at=START + timedelta(days=at_days))
    with pytest.raises(InvalidEditError) as rejected:
        edit_event(body, arrival, settings=settings, document=None)
    return str(rejected.value)


CUP = {"sku": "CUP", "quantity": 1, "unit_price": 650}


def test_edit_is_rejected_when_two_lines_have_one_sku() -> None:
    assert "duplicate_sku" in the_rejection(a_body(), f"/data/lines={json.dumps([CUP, CUP])}")
    entry = delivery_entry(CUP=2)
    header = {"source": "warehouse", "detail-type": "StockReplenished", "account": ARRIVAL.account}
    delivery = json.dumps({**header, "detail": json.loads(entry["Detail"])})
    twice = json.dumps([{"sku": "CUP", "quantity": 2}] * 2)
    assert "duplicate_sku" in the_rejection(delivery, f"/data/lines={twice}")


def test_edit_is_rejected_when_the_message_is_too_large() -> None:
    assert "message_too_large" in the_rejection(a_body(), f"/data/more={'x' * MAXIMUM_DELIVERY_CHARACTERS}")


def test_edit_is_rejected_when_a_number_is_not_finite() -> None:
    assert "json_invalid" in the_rejection(a_body(), "/data/lines/0/quantity=NaN")


def test_edit_is_checked_against_the_current_time() -> None:
    """A message that was valid at its first arrival may be too old now."""
    assert "time_in_past" in the_rejection(a_body(), "/data/lines/0/quantity=3", at_days=90.001)
    time = json.dumps((START + timedelta(days=90)).isoformat())
    edited = edit_event(
        a_body(),
        Arrival.in_queue(QUEUE, at=START + timedelta(days=91)),
        settings=["/data/lines/0/quantity=3", f"/time={time}"],
        document=None,
    )
    assert [change.pointer for change in edited.changes] == ["/time", "/data/lines/0/quantity"]


def test_every_rejection_reason_is_tested_on_an_edit() -> None:
    """A new reason to reject a message needs a row in the table of bad events, or a test here."""
    files = [
        SHARED / "runtime" / "consumer.py",
        SHARED / "runtime" / "received.py",
        *(SHARED / "contracts").glob("*.py"),
        *(SHARED.parent / "contracts").glob("*.py"),
    ]
    code = r'(?:Rejected\(|decode\([^)]*?, |code = |": |is_major else )"([a-z]+_[a-z_]+)"'
    known = {found for file in files for found in re.findall(code, file.read_text(encoding="utf-8"))}
    tried = {row.reason for row, _ in EDITABLE.values() if row.reason} | ELSEWHERE
    assert known - {"id_unreadable"} - OF_TABLES - OF_PUBLICATION == tried
