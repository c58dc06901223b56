"""A decision and its changes are written together, once, and for ever."""

import json
from datetime import timedelta

import pytest
from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyItemNotFoundError
from botocore.exceptions import ClientError
from msgspec.structs import replace

from functions.contracts.order_fact import OrderFact
from functions.contracts.registry import DECISIONS
from functions.shared.contracts import codec
from functions.shared.contracts.codec import Rejected, UnreadableFactError
from functions.shared.contracts.envelope import event_id
from functions.shared.event_store.attributes import number, texts
from functions.shared.event_store.event_log import Appended, Change, EventLog, PartialReadError, RefusedError
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.environment import NotConfiguredError
from tests.unit.functions.account import ENVIRONMENT, everything, on_the_shelf, rows, stock
from tests.unit.functions.builders import (
    CAUSE,
    ORDER,
    OTHER_ORDER,
    TEN_O_CLOCK,
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
from tests.unit.functions.trouble import (
    Crash,
    Dying,
    answering,
    dying_after,
    dying_before,
    failing,
    meanwhile,
)

pytestmark = pytest.mark.usefixtures("aws")

LOG = EventLog(clock=lambda: TEN_O_CLOCK)


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
    """The log, at so many minutes past ten."""
    return EventLog(clock=lambda: TEN_O_CLOCK + timedelta(minutes=minute))


def test_a_decision_is_written_with_its_changes() -> None:
    stock(TEAPOT=3, CUP=10)
    appended = LOG.append(an_inventory_reserved(), cause=CAUSE, changes=[taking("TEAPOT"), taking("CUP", 4)])
    event = appended.event
    assert appended.is_new
    assert on_the_shelf() == {"TEAPOT": 2, "CUP": 6}
    (row,) = rows("EVENT_LOG_TABLE")
    assert row == {
        "pk": f"inventory#{ORDER}",
        "sk": "reservation",
        "id": event.id,
        "event": codec.write(event),
    }
    assert codec.read(row["event"]) == event
    assert event.fact == an_inventory_reserved()
    assert event.time == TEN_O_CLOCK


def test_a_decision_without_changes_is_written_alone() -> None:
    assert LOG.append(a_payment_processed(), cause=CAUSE).event.fact == a_payment_processed()
    assert [row["pk"] for row in rows("EVENT_LOG_TABLE")] == [f"payments#{ORDER}"]


def test_the_id_of_a_decision_is_the_same_in_every_version_of_ours() -> None:
    # Computed once, by hand, with Python's uuid5: a change here would state every old fact anew.
    assert event_id("inventory", ORDER, "reservation") == "46683bc6-5788-58c8-870f-b6232be14d17"
    event = LOG.append(an_inventory_reserved(), cause=CAUSE).event
    assert event.id == "46683bc6-5788-58c8-870f-b6232be14d17"
    assert json.loads(rows("EVENT_LOG_TABLE")[0]["event"])["id"] == "46683bc6-5788-58c8-870f-b6232be14d17"


@pytest.mark.parametrize("second", [an_inventory_reserved(), an_inventory_rejected()], ids=["same", "other"])
def test_a_decision_taken_before_stands_whatever_is_decided_now(second: OrderFact) -> None:
    stock(TEAPOT=3)
    first = LOG.append(an_inventory_reserved(), cause=CAUSE, changes=[taking("TEAPOT")])
    before = everything()
    later = EventLog(clock=lambda: TEN_O_CLOCK + timedelta(days=400))
    assert later.append(second, cause=CAUSE, changes=[taking("TEAPOT")]) == Appended(
        first.event, is_new=False
    )
    assert everything() == before


def test_a_decision_taken_before_stands_even_where_its_changes_would_be_refused_now() -> None:
    stock(TEAPOT=1)
    first = LOG.append(an_inventory_reserved(), cause=CAUSE, changes=[taking("TEAPOT")])
    second = LOG.append(an_inventory_reserved(), cause=CAUSE, changes=[taking("TEAPOT")])
    assert second == Appended(first.event, is_new=False)
    assert on_the_shelf() == {"TEAPOT": 0}


def test_of_two_who_decide_at_once_the_first_to_write_is_right() -> None:
    def somebody_declines() -> None:
        LOG.append(a_payment_declined(), cause=CAUSE)

    with meanwhile(dynamodb(), "TransactWriteItems", somebody_declines):
        decided = LOG.append(a_payment_processed(), cause=CAUSE)
    assert decided.event.fact == a_payment_declined()
    assert len(rows("EVENT_LOG_TABLE")) == 1


@pytest.mark.parametrize(("cause_id", "is_repeated"), [(CAUSE.id, True), (OTHER_ORDER, False)])
def test_decision_is_repeated_by_its_cause_alone(cause_id: str, is_repeated: bool) -> None:  # noqa: FBT001 - a table of cases
    cause = replace(an_event(an_inventory_reserved()), id=cause_id)
    assert not LOG.append(a_payment_processed(), cause=CAUSE).is_repeated_by(cause)
    assert LOG.append(a_payment_processed(), cause=CAUSE).is_repeated_by(cause) is is_repeated


def test_the_same_decision_on_another_order_is_another_decision() -> None:
    LOG.append(a_payment_processed(), cause=CAUSE)
    LOG.append(a_payment_processed(order_id=OTHER_ORDER), cause=CAUSE)
    assert {row["pk"] for row in rows("EVENT_LOG_TABLE")} == {f"payments#{ORDER}", f"payments#{OTHER_ORDER}"}


def test_a_refused_change_is_named_by_its_place_and_nothing_is_written() -> None:
    stock(TEAPOT=3, CUP=0, SPOON=5)
    before = everything()
    changes = [taking("TEAPOT"), taking("CUP"), taking("SPOON"), taking("NEVER")]
    with pytest.raises(RefusedError) as refused:
        LOG.append(an_inventory_reserved(), cause=CAUSE, changes=changes)
    assert refused.value.changes == (1, 3)
    assert everything() == before


def test_a_decision_too_large_to_be_told_is_not_taken() -> None:
    stock(TEAPOT=3)
    before = everything()
    with pytest.raises(Rejected):
        LOG.append(
            an_order_created(payment_method="pm_" + "x" * 70_000), cause=CAUSE, changes=[taking("TEAPOT")]
        )
    assert everything() == before


def test_a_decision_that_nobody_could_read_is_not_taken() -> None:
    stock(TEAPOT=3)
    before = everything()
    with pytest.raises(UnreadableFactError):
        LOG.append(an_order_created(payment_method="card"), cause=CAUSE, changes=[taking("TEAPOT")])
    assert everything() == before


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
def test_where_aws_cannot_say_what_became_of_it_nobody_guesses(code: str, reasons: list[str]) -> None:
    with failing(dynamodb(), "TransactWriteItems", code, reasons), pytest.raises(ClientError) as error:
        LOG.append(a_payment_processed(), cause=CAUSE, changes=[taking("TEAPOT")])
    assert error.value.response["Error"]["Code"] == code


def test_a_condition_that_failed_beside_a_conflict_refuses_nothing_yet() -> None:
    reasons = ["None", "ConditionalCheckFailed", "TransactionConflict"]
    trouble = failing(dynamodb(), "TransactWriteItems", "TransactionCanceledException", reasons)
    with trouble, pytest.raises(ClientError):
        LOG.append(an_inventory_reserved(), cause=CAUSE, changes=[taking("TEAPOT"), taking("CUP")])


@pytest.mark.parametrize("dying", [dying_before, dying_after])
def test_a_decision_cut_off_by_a_crash_is_taken_once_in_all(dying: Dying) -> None:
    stock(TEAPOT=3)
    with pytest.raises(Crash), dying(dynamodb()):
        LOG.append(an_inventory_reserved(), cause=CAUSE, changes=[taking("TEAPOT")])
    LOG.append(an_inventory_reserved(), cause=CAUSE, changes=[taking("TEAPOT")])
    assert on_the_shelf() == {"TEAPOT": 2}


def test_what_was_decided_can_be_asked_for() -> None:
    assert LOG.recorded(ORDER, ("inventory", "reservation")) is None
    event = LOG.append(an_inventory_reserved(), cause=CAUSE).event
    assert LOG.recorded(ORDER, ("inventory", "reservation")) == event
    assert LOG.recorded(ORDER, ("inventory", "release")) is None
    assert LOG.recorded(OTHER_ORDER, ("inventory", "reservation")) is None


def test_the_history_of_an_order_is_all_that_was_decided_on_it_the_oldest_first() -> None:
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


def test_an_order_nobody_knows_has_no_history() -> None:
    assert LOG.history(ORDER, DECISIONS) == []


def test_a_part_of_a_history_is_not_given_out_as_the_whole() -> None:
    LOG.append(an_order_created(), cause=CAUSE)
    table = ENVIRONMENT["EVENT_LOG_TABLE"]
    left = {table: {"Keys": [texts(pk=f"payments#{ORDER}", sk="payment")]}}
    answer = {"Responses": {table: []}, "UnprocessedKeys": left}
    with answering(dynamodb(), "BatchGetItem", answer), pytest.raises(PartialReadError):
        LOG.history(ORDER, DECISIONS)


def test_a_function_without_its_table_says_which_variable_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EVENT_LOG_TABLE")
    with pytest.raises(NotConfiguredError, match="EVENT_LOG_TABLE"):
        LOG.history(ORDER, DECISIONS)


def test_powertools_asked_for_a_record_of_ours_hears_that_there_is_none() -> None:
    with pytest.raises(IdempotencyItemNotFoundError):
        LOG.get_record({"event_id": ORDER})
