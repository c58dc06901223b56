"""Tests of the event log: a decision and its changes are written together, once."""

import json
from datetime import timedelta

import pytest
from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyItemNotFoundError
from botocore.exceptions import ClientError
from msgspec.structs import replace

from functions.contracts.order_fact import OrderFact
from functions.contracts.orders import OrderConfirmed
from functions.contracts.registry import DECISIONS
from functions.shared.contracts import codec
from functions.shared.contracts.codec import Rejected, UnreadableFactError
from functions.shared.contracts.envelope import event_id
from functions.shared.event_store.attributes import number, texts
from functions.shared.event_store.event_log import Appended, Change, EventLog, PartialReadError, RefusedError
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.environment import NotConfiguredError
from tests.now import NOW
from tests.unit.functions.account import ENVIRONMENT, available_stock, everything, rows, stock
from tests.unit.functions.aws_faults import (
    Crash,
    Dying,
    dying_after,
    dying_before,
    failing,
    meanwhile,
    recorded_calls,
    responding,
)
from tests.unit.functions.builders import (
    CAUSE,
    ORDER,
    OTHER_ORDER,
    a_payment_declined,
    a_payment_processed,
    a_shipment_scheduled,
    an_event,
    an_inventory_rejected,
    an_inventory_reserved,
    an_order_cancelled,
    an_order_confirmed,
    an_order_created,
)

pytestmark = pytest.mark.usefixtures("aws")

LOG = EventLog(clock=lambda: NOW)


def taking(sku: str, quantity: int = 1) -> Change:
    return {
        "Update": {
            "TableName": ENVIRONMENT["STOCK_TABLE"],
            "Key": texts(sku=sku),
            "UpdateExpression": "SET available = available - :quantity",
            "ConditionExpression": "available >= :quantity",
            "ExpressionAttributeValues": {":quantity": number(quantity)},
        }
    }


def log_at(minute: int) -> EventLog:
    """Return a log whose clock shows this minute past ten."""
    return EventLog(clock=lambda: NOW + timedelta(minutes=minute))


def test_decision_is_written_with_its_changes() -> None:
    stock(TEAPOT=3, CUP=10)
    appended = LOG.append(an_inventory_reserved(), cause=CAUSE, changes=[taking("TEAPOT"), taking("CUP", 4)])
    event = appended.event
    assert appended.is_new
    assert available_stock() == {"TEAPOT": 2, "CUP": 6}
    (row,) = rows("EVENT_LOG_TABLE")
    assert row == {
        "pk": f"inventory#{ORDER}",
        "sk": "reservation",
        "event": codec.write(event),
    }
    assert codec.read(row["event"]) == event
    assert event.fact == an_inventory_reserved()
    assert event.time == NOW


def test_decision_is_written_without_changes() -> None:
    assert LOG.append(a_payment_processed(), cause=CAUSE).event.fact == a_payment_processed()
    assert [row["pk"] for row in rows("EVENT_LOG_TABLE")] == [f"payments#{ORDER}"]


def test_decision_without_changes_is_one_put() -> None:
    with recorded_calls(dynamodb()) as calls:
        first = LOG.append(a_payment_processed(), cause=CAUSE)
        assert LOG.append(a_payment_declined(), cause=CAUSE) == Appended(first.event, is_new=False)
    assert calls == ["PutItem", "PutItem"]


def test_decision_takes_another_one_of_its_owner() -> None:
    cancelled = LOG.append(an_order_cancelled(), cause=CAUSE, instead_of=OrderConfirmed)
    assert cancelled.event.id == event_id("orders", ORDER, "confirmation")
    assert LOG.append(an_order_confirmed(), cause=CAUSE) == Appended(cancelled.event, is_new=False)
    assert [row["sk"] for row in rows("EVENT_LOG_TABLE")] == ["confirmation"]


def test_decision_id_is_the_same_in_every_version() -> None:
    # Computed once with Python's uuid5: another id would publish every old fact again.
    assert event_id("inventory", ORDER, "reservation") == "46683bc6-5788-58c8-870f-b6232be14d17"
    event = LOG.append(an_inventory_reserved(), cause=CAUSE).event
    assert event.id == "46683bc6-5788-58c8-870f-b6232be14d17"
    assert json.loads(rows("EVENT_LOG_TABLE")[0]["event"])["id"] == "46683bc6-5788-58c8-870f-b6232be14d17"


@pytest.mark.parametrize("second", [an_inventory_reserved(), an_inventory_rejected()], ids=["same", "other"])
def test_append_returns_the_earlier_decision(second: OrderFact) -> None:
    stock(TEAPOT=3)
    first = LOG.append(an_inventory_reserved(), cause=CAUSE, changes=[taking("TEAPOT")])
    before = everything()
    later = EventLog(clock=lambda: NOW + timedelta(days=400))
    assert later.append(second, cause=CAUSE, changes=[taking("TEAPOT")]) == Appended(
        first.event, is_new=False
    )
    assert everything() == before


def test_append_returns_the_earlier_decision_when_conditions_fail() -> None:
    stock(TEAPOT=1)
    first = LOG.append(an_inventory_reserved(), cause=CAUSE, changes=[taking("TEAPOT")])
    second = LOG.append(an_inventory_reserved(), cause=CAUSE, changes=[taking("TEAPOT")])
    assert second == Appended(first.event, is_new=False)
    assert available_stock() == {"TEAPOT": 0}


@pytest.mark.parametrize(
    ("changes", "operation"), [((), "PutItem"), ((taking("TEAPOT"),), "TransactWriteItems")]
)
def test_append_returns_the_first_of_two_concurrent_decisions(
    changes: tuple[Change, ...], operation: str
) -> None:
    stock(TEAPOT=3)

    def decline() -> None:
        LOG.append(a_payment_declined(), cause=CAUSE)

    with meanwhile(dynamodb(), operation, decline):
        decided = LOG.append(a_payment_processed(), cause=CAUSE, changes=changes)
    assert decided.event.fact == a_payment_declined()
    assert len(rows("EVENT_LOG_TABLE")) == 1


@pytest.mark.parametrize(("cause_id", "is_repeated"), [(CAUSE.id, True), (OTHER_ORDER, False)])
def test_decision_is_repeated_by_its_own_cause_only(cause_id: str, is_repeated: bool) -> None:
    cause = replace(an_event(an_inventory_reserved()), id=cause_id)
    assert not LOG.append(a_payment_processed(), cause=CAUSE).is_repeated_by(cause)
    assert LOG.append(a_payment_processed(), cause=CAUSE).is_repeated_by(cause) is is_repeated


def test_decision_is_new_on_another_order() -> None:
    LOG.append(a_payment_processed(), cause=CAUSE)
    LOG.append(a_payment_processed(order_id=OTHER_ORDER), cause=CAUSE)
    assert {row["pk"] for row in rows("EVENT_LOG_TABLE")} == {f"payments#{ORDER}", f"payments#{OTHER_ORDER}"}


def test_append_names_the_failed_changes_and_writes_nothing() -> None:
    stock(TEAPOT=3, CUP=0, SPOON=5)
    before = everything()
    changes = [taking("TEAPOT"), taking("CUP"), taking("SPOON"), taking("NEVER")]
    with pytest.raises(RefusedError) as refused:
        LOG.append(an_inventory_reserved(), cause=CAUSE, changes=changes)
    assert refused.value.changes == (1, 3)
    assert everything() == before


def test_append_raises_when_the_event_is_too_large() -> None:
    stock(TEAPOT=3)
    before = everything()
    with pytest.raises(Rejected):
        LOG.append(
            an_order_created(payment_method="pm_" + "x" * 70_000), cause=CAUSE, changes=[taking("TEAPOT")]
        )
    assert everything() == before


def test_append_raises_when_the_fact_is_unreadable() -> None:
    stock(TEAPOT=3)
    before = everything()
    with pytest.raises(UnreadableFactError):
        LOG.append(an_order_created(payment_method="card"), cause=CAUSE, changes=[taking("TEAPOT")])
    assert everything() == before


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "InternalServerError", "TransactionConflictException"]
)
def test_append_raises_when_the_put_fails(code: str) -> None:
    with failing(dynamodb(), "PutItem", code), pytest.raises(ClientError) as error:
        LOG.append(a_payment_processed(), cause=CAUSE)
    assert error.value.response["Error"]["Code"] == code


@pytest.mark.parametrize(
    ("code", "reasons"),
    [
        ("TransactionCanceledException", ["TransactionConflict", "None"]),
        ("TransactionCanceledException", ["None", "TransactionConflict"]),
        ("TransactionCanceledException", ["None", "ThrottlingError"]),
        ("TransactionCanceledException", ["ConditionalCheckFailed", "None"]),
        ("TransactionCanceledException", []),
        ("TransactionInProgressException", []),
        ("ProvisionedThroughputExceededException", []),
        ("ThrottlingException", []),
        ("InternalServerError", []),
    ],
)
def test_append_raises_when_the_outcome_is_unknown(code: str, reasons: list[str]) -> None:
    with failing(dynamodb(), "TransactWriteItems", code, reasons), pytest.raises(ClientError) as error:
        LOG.append(a_payment_processed(), cause=CAUSE, changes=[taking("TEAPOT")])
    assert error.value.response["Error"]["Code"] == code


def test_append_raises_when_a_condition_fails_beside_a_conflict() -> None:
    reasons = ["None", "ConditionalCheckFailed", "TransactionConflict"]
    fault = failing(dynamodb(), "TransactWriteItems", "TransactionCanceledException", reasons)
    with fault, pytest.raises(ClientError):
        LOG.append(an_inventory_reserved(), cause=CAUSE, changes=[taking("TEAPOT"), taking("CUP")])


@pytest.mark.parametrize("dying", [dying_before, dying_after])
def test_decision_is_written_once_after_a_crash(dying: Dying) -> None:
    stock(TEAPOT=3)
    with pytest.raises(Crash), dying(dynamodb()):
        LOG.append(an_inventory_reserved(), cause=CAUSE, changes=[taking("TEAPOT")])
    LOG.append(an_inventory_reserved(), cause=CAUSE, changes=[taking("TEAPOT")])
    assert available_stock() == {"TEAPOT": 2}


def test_recorded_returns_a_decision_or_none() -> None:
    assert LOG.recorded(ORDER, ("inventory", "reservation")) is None
    event = LOG.append(an_inventory_reserved(), cause=CAUSE).event
    assert LOG.recorded(ORDER, ("inventory", "reservation")) == event
    assert LOG.recorded(ORDER, ("inventory", "release")) is None
    assert LOG.recorded(OTHER_ORDER, ("inventory", "reservation")) is None


def test_history_returns_all_decisions_oldest_first() -> None:
    decided = [
        (an_order_created(), 1),
        (a_shipment_scheduled(), 9),
        (an_order_confirmed(), 7),
        (an_inventory_reserved(), 3),
        (a_payment_processed(), 5),
        (an_order_cancelled(order_id=OTHER_ORDER), 2),
    ]
    for fact, minute in decided:
        log_at(minute).append(fact, cause=CAUSE)
    assert [event.fact for event in LOG.history(ORDER, DECISIONS)] == [
        an_order_created(),
        an_inventory_reserved(),
        a_payment_processed(),
        an_order_confirmed(),
        a_shipment_scheduled(),
    ]


def test_history_is_empty_when_the_order_is_unknown() -> None:
    assert LOG.history(ORDER, DECISIONS) == []


def test_history_raises_when_the_read_is_partial() -> None:
    LOG.append(an_order_created(), cause=CAUSE)
    table = ENVIRONMENT["EVENT_LOG_TABLE"]
    left = {table: {"Keys": [texts(pk=f"payments#{ORDER}", sk="payment")]}}
    response = {"Responses": {table: []}, "UnprocessedKeys": left}
    with responding(dynamodb(), "BatchGetItem", response), pytest.raises(PartialReadError):
        LOG.history(ORDER, DECISIONS)


def test_history_names_the_missing_environment_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EVENT_LOG_TABLE")
    with pytest.raises(NotConfiguredError, match="EVENT_LOG_TABLE"):
        LOG.history(ORDER, DECISIONS)


def test_powertools_finds_no_record_in_the_event_log() -> None:
    with pytest.raises(IdempotencyItemNotFoundError):
        LOG.get_record({"event_id": ORDER})
