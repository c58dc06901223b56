"""Notifications sends the customer one email for each step of the order."""

import json
from datetime import timedelta

import pytest

from functions.contracts.orders import CancellationReason
from functions.contracts.values import Customer, Money
from functions.notifications.contact_rows import CONTACT_RETENTION, Unrecorded, new_row, record
from functions.notifications.contacts import contacts
from functions.notifications.handler import RESERVE_MS, handle
from functions.shared.runtime.clients import dynamodb, ses
from functions.shared.runtime.retry import ATTEMPTS, retries
from tests.now import NOW, frozen
from tests.unit.functions import account
from tests.unit.functions.account import Mail, dead_lettered, emails, rows
from tests.unit.functions.aws_faults import failing, meanwhile, recorded_calls, responding, silent, throttled
from tests.unit.functions.builders import (
    NO_FAILURES,
    ORDER,
    OTHER_ORDER,
    BatchResponse,
    Context,
    a_batch,
    a_delivery,
    a_payment_refunded,
    a_shipment_scheduled,
    an_event,
    an_order_cancelled,
    an_order_confirmed,
    an_order_created,
    retried,
)
from tests.unit.functions.output import Output

pytestmark = pytest.mark.usefixtures("aws")

CREATED = a_delivery(an_order_created())
CONFIRMED = a_delivery(an_order_confirmed())
CANCELLED = a_delivery(an_order_cancelled())
REFUNDED = a_delivery(a_payment_refunded())
SHIPPED = a_delivery(a_shipment_scheduled())
ADA = ["ada@example.com"]
SHA256_CHARACTERS = 64
WRITE_UNIT_BYTES = 1024


def deliver(*bodies: str) -> BatchResponse:
    return handle(a_batch(*bodies), Context())


def deliver_at(minute: int, *bodies: str) -> BatchResponse:
    with frozen(NOW + timedelta(minutes=minute)):
        return deliver(*bodies)


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("Happy birthday, Charles!", "Happy birthday, Charles!"),
        ("see https://evil.example/a?b=c.d", "see https: / / evil. example/ a?b=c. d"),
        ("write to eve@evil.example. Now.", "write to eve@ evil. example. Now."),
    ],
    ids=["plain", "link", "address"],
)
def test_email_shows_the_gift_message_without_links(message: str, shown: str) -> None:
    deliver(CREATED, a_delivery(a_shipment_scheduled(gift_message=message)))
    assert emails()[-1].body.endswith(f'\n\nThe parcel has your message: "{shown}"')


def test_customer_gets_an_email_for_every_step() -> None:
    assert deliver(CREATED, CONFIRMED, SHIPPED) == NO_FAILURES
    assert emails() == [
        Mail(ADA, f"We have your order {ORDER}", "Thank you. We will email you when it is confirmed."),
        Mail(ADA, f"Your order {ORDER} is confirmed", "It is paid for, and we are packing it."),
        Mail(ADA, f"Your order {ORDER} is on its way", "Follow it with royal_mail under OB12345678."),
    ]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("out_of_stock", "something you ordered is out of stock"),
        ("payment_declined", "your payment was declined"),
        ("customer_request", "you asked us to"),
        ("timed_out", "we could not complete it in time"),
    ],
)
def test_cancellation_email_gives_the_reason(reason: CancellationReason, words: str) -> None:
    deliver(CREATED)
    assert deliver(a_delivery(an_order_cancelled(reason=reason))) == NO_FAILURES
    cancelled = emails()[-1]
    assert cancelled.to == ADA
    assert cancelled.subject == f"Your order {ORDER} is cancelled"
    assert cancelled.body == f"We are sorry: {words}. What you have paid comes back to you."


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (Money(amount=5099, currency="GBP"), "50.99 GBP"),
        (Money(amount=7, currency="EUR"), "0.07 EUR"),
        (Money(amount=1200, currency="JPY"), "1200 JPY"),
    ],
)
def test_refund_email_gives_the_amount(amount: Money, words: str) -> None:
    deliver(CREATED)
    assert deliver(a_delivery(a_payment_refunded(amount=amount))) == NO_FAILURES
    assert emails()[-1] == Mail(
        ADA,
        f"Your payment for order {ORDER} is refunded",
        f"{words} will be on your account within a few days.",
    )


def test_every_email_goes_to_the_customer_of_its_order() -> None:
    grace = Customer(id="grace", email="grace@example.com")
    other = a_delivery(an_order_created(order_id=OTHER_ORDER, customer=grace))
    assert deliver(CREATED, other, a_delivery(an_order_confirmed(order_id=OTHER_ORDER))) == NO_FAILURES
    assert [mail.to for mail in emails()] == [ADA, ["grace@example.com"], ["grace@example.com"]]


@pytest.mark.parametrize("early", [CONFIRMED, CANCELLED, REFUNDED, SHIPPED])
def test_message_is_retried_until_the_address_is_known(early: str, output: Output) -> None:
    assert deliver(early) == retried("message-0")
    assert emails() == []
    assert output.metrics() == {"Retried": 1}
    assert deliver(CREATED, early) == NO_FAILURES
    assert len(emails()) == 2


def test_message_is_dead_lettered_when_address_stays_unknown() -> None:
    assert handle(a_batch(CONFIRMED, receive_count=5), Context()) == NO_FAILURES
    assert [message.attributes["error_class"] for message in dead_lettered()] == ["UnknownContactError"]
    assert emails() == []


def test_address_and_sent_emails_are_the_only_data_kept() -> None:
    deliver_at(0, CREATED)
    deliver_at(9, CONFIRMED)
    row, counted = sorted(rows("CONTACTS_TABLE"), key=lambda row: "email" not in row)
    sent = {an_event(fact).id for fact in (an_order_created(), an_order_confirmed())}
    assert row.keys() == {"order_id", "email", "expires_at", *sent}
    assert (row["order_id"], row["email"]) == (ORDER, ADA[0])
    assert row["expires_at"] == str(int((NOW + CONTACT_RETENTION).timestamp()))
    assert counted.keys() == {"order_id", "orders", "expires_at"}
    assert ADA[0] not in json.dumps(counted, default=sorted)
    assert all(len(row[event_id]) == SHA256_CHARACTERS for event_id in sent)


def test_email_costs_two_requests_to_its_table() -> None:
    deliver(CREATED)
    for body in (CONFIRMED, SHIPPED):
        with recorded_calls(dynamodb()) as calls:
            deliver(body)
        assert calls == ["BatchGetItem", "UpdateItem"]


def test_batch_takes_two_requests_for_each_new_order() -> None:
    other = a_delivery(an_order_created(order_id=OTHER_ORDER))
    with recorded_calls(dynamodb()) as calls:
        assert deliver(CREATED, other, CONFIRMED, SHIPPED) == NO_FAILURES
    assert calls == [*["TransactWriteItems"] * 2, *["UpdateItem"] * 2]


def test_batch_reads_its_known_contacts_in_one_request() -> None:
    deliver(CREATED, a_delivery(an_order_created(order_id=OTHER_ORDER)))
    other = a_delivery(an_order_confirmed(order_id=OTHER_ORDER))
    with recorded_calls(dynamodb()) as calls:
        assert deliver(CONFIRMED, other, SHIPPED) == NO_FAILURES
    assert calls == ["BatchGetItem", "UpdateItem", "UpdateItem"]


def test_unrecorded_emails_of_a_batch_are_sent_again(output: Output) -> None:
    with failing(dynamodb(), "UpdateItem", "ThrottlingException"):
        response = deliver(CREATED, CONFIRMED, CREATED, SHIPPED)
    assert response == retried("message-3", "message-0", "message-1", "message-2")
    assert (len(emails()), output.metrics()) == (3, {"Retried": 4})
    assert deliver(CREATED, CONFIRMED, SHIPPED) == NO_FAILURES
    assert deliver(SHIPPED, CONFIRMED, CREATED) == NO_FAILURES
    assert len(emails()) == 6


def test_unrecorded_emails_are_dead_lettered_at_the_last_receive() -> None:
    batch = a_batch(CREATED, CONFIRMED, receive_count=5)
    with failing(dynamodb(), "UpdateItem", "ThrottlingException"):
        assert handle(batch, Context()) == NO_FAILURES
    assert [message.attributes["reason"] for message in dead_lettered()] == ["reaction_failed"] * 2


def test_emails_are_recorded_when_the_orders_last_is_rejected() -> None:
    with throttled(ses(), nth=1):
        assert deliver(CREATED, SHIPPED) == retried("message-1")
    assert deliver(CREATED, SHIPPED) == NO_FAILURES
    assert len(emails()) == 2


def test_contact_is_read_alone_when_batch_was_partly_read() -> None:
    deliver(CREATED)
    table = account.ENVIRONMENT["CONTACTS_TABLE"]
    unprocessed = {"Keys": [{"order_id": {"S": ORDER}}], "ConsistentRead": True}
    response = {"Responses": {table: []}, "UnprocessedKeys": {table: unprocessed}}
    with responding(dynamodb(), "BatchGetItem", response):
        assert deliver(CREATED, CONFIRMED) == NO_FAILURES
    assert [mail.subject for mail in emails()] == [
        f"We have your order {ORDER}",
        f"Your order {ORDER} is confirmed",
    ]


def test_contact_is_read_again_when_stored_during_the_batch() -> None:
    def other_delivery() -> None:
        contacts.cache_clear()
        assert deliver(CREATED) == NO_FAILURES

    with meanwhile(dynamodb(), "GetItem", other_delivery):
        assert deliver(CONFIRMED) == NO_FAILURES
    assert len(emails()) == 2


def test_row_of_every_email_fits_one_write_unit() -> None:
    deliver(CREATED, CONFIRMED, CANCELLED, REFUNDED, SHIPPED)
    for row in rows("CONTACTS_TABLE"):
        assert len(json.dumps(row, default=sorted)) < WRITE_UNIT_BYTES


def test_email_sent_by_two_deliveries_at_once_is_counted(output: Output) -> None:
    def other_delivery() -> None:
        contacts.cache_clear()
        assert deliver(CREATED) == NO_FAILURES

    with meanwhile(dynamodb(), "UpdateItem", other_delivery):
        assert deliver(CREATED) == NO_FAILURES
    assert len(emails()) == 2
    assert output.metrics() == {"Handled": 2, "EmailSentTwice": 1}
    assert deliver(CREATED) == NO_FAILURES
    assert len(emails()) == 2


def test_address_is_known_when_its_first_email_is_rejected() -> None:
    with failing(ses(), "SendEmail", "MessageRejected"):
        assert deliver(CREATED) == retried("message-0")
    assert deliver(CONFIRMED, CREATED) == NO_FAILURES
    assert len(emails()) == 2


@pytest.mark.parametrize("code", ["TooManyRequestsException", "MessageRejected", "SendingPausedException"])
def test_email_is_sent_later_when_ses_rejects_it(code: str) -> None:
    with failing(ses(), "SendEmail", code):
        assert deliver(CREATED) == retried("message-0")
    assert emails() == []
    assert deliver(CREATED) == NO_FAILURES
    assert [mail.to for mail in emails()] == [ADA]


def test_no_address_is_ever_printed(output: Output) -> None:
    deliver(CREATED)
    with failing(ses(), "SendEmail", "MessageRejected"):
        deliver(CONFIRMED)
    assert "ada@" not in output.everything()


def test_slow_email_is_not_retried_at_once() -> None:
    with silent(ses(), "SendEmail") as attempts:
        assert deliver(CREATED) == retried("message-0")
    assert attempts == ["SendEmail"]


def test_email_starts_only_with_time_for_its_record() -> None:
    class Late(Context):
        @staticmethod
        def get_remaining_time_in_millis() -> int:
            return RESERVE_MS - 1

    assert handle(a_batch(CREATED), Late()) == retried("message-0")
    assert emails() == []


def test_email_is_retried_when_ses_throttles_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(retries(), "_sleep", pauses.append)
    with failing(ses(), "SendEmail", "TooManyRequestsException"):
        assert deliver(CREATED) == retried("message-0")
    assert len(pauses) == ATTEMPTS - 1


def test_record_of_an_email_keeps_an_erased_address() -> None:
    erased = new_row(ORDER, "erased@erased.invalid")
    dynamodb().put_item(TableName=account.ENVIRONMENT["CONTACTS_TABLE"], Item=erased)
    record(ORDER, Unrecorded("kim@example.com", digests={"an-event": "a-digest"}))
    (row,) = rows("CONTACTS_TABLE")
    assert (row["email"], row["an-event"]) == ("erased@erased.invalid", "a-digest")
