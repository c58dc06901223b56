"""Tests of the codec: only valid bytes become facts."""

import json
import re
from typing import Any

import msgspec
import pytest

from functions.contracts.registry import ALL
from functions.contracts.values import Line, is_order_id
from functions.shared.contracts import codec
from functions.shared.contracts.codec import Rejected, UnknownFactError, UnreadableFactError, read, write
from functions.shared.contracts.delivery import MAXIMUM_DELIVERY_CHARACTERS, read_delivery
from functions.shared.contracts.fact import Fact
from tests.now import NOW
from tests.unit.functions.builders import (
    CAUSE,
    ORDER,
    OTHER_ORDER,
    a_bus_event,
    a_checkout_completed,
    a_delivery,
    a_document,
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

SOME_OF_EACH = (
    a_checkout_completed(),
    an_order_created(),
    an_order_confirmed(),
    an_order_cancelled(),
    an_inventory_reserved(),
    an_inventory_rejected(skus=()),
    a_payment_processed(),
    a_payment_declined(),
    a_shipment_scheduled(),
)


def rejection_code(body: str | bytes) -> str:
    """Return the code with which the delivery is rejected."""
    with pytest.raises(Rejected) as rejected:
        read_delivery(body)
    return rejected.value.code


def delivered(document: dict[str, Any], **bus: Any) -> str:
    return json.dumps(a_bus_event(document, **bus))


@pytest.mark.parametrize("fact", SOME_OF_EACH, ids=lambda fact: type(fact).__name__)
def test_event_is_the_same_after_write_and_read(fact: Fact) -> None:
    event = an_event(fact)
    assert read(write(event)) == event
    assert read_delivery(a_delivery(fact)).event == event


def test_document_is_a_cloud_event() -> None:
    document = json.loads(write(an_event(an_order_cancelled())))
    assert document == {
        "specversion": "1.0",
        "id": "c5a9b83a-044d-50c3-b230-76d9b93e8b66",
        "source": "orders",
        "type": "OrderCancelled",
        "subject": ORDER,
        "time": "2026-11-23T10:00:00Z",
        "dataschema": "urn:orderbus:schema:orders:OrderCancelled:1",
        "datacontenttype": "application/json",
        "correlationid": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
        "causationid": "3f0e8a52-0d3b-4c59-8f06-55b6a0f5f7aa",
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-cc0da817bd01217e-01",
        "data": {"order_id": ORDER, "customer_id": "ada", "reason": "customer_request"},
    }


def test_event_continues_the_trace_of_its_cause() -> None:
    first, second = (
        json.loads(write(an_event(fact)))["traceparent"]
        for fact in (an_order_created(), an_order_confirmed())
    )
    assert first.startswith("00-4bf92f3577b34da6a3ce929d0e0e4736-")
    assert second.startswith("00-4bf92f3577b34da6a3ce929d0e0e4736-")
    assert len({first, second, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}) == 3


def test_event_is_the_cause_of_the_next() -> None:
    event = an_event(an_order_created())
    assert event.as_cause().id == event.id
    assert event.as_cause().correlation_id == event.cause.correlation_id


@pytest.mark.parametrize("fact", ALL, ids=lambda fact: fact.__name__)
def test_fact_is_rejected_from_another_owner(fact: type[Fact]) -> None:
    forged = {**a_document(an_order_created()), "type": fact.__name__, "source": "mallory"}
    assert rejection_code(delivered(forged)) == "source_unauthorised"


def test_shipping_cannot_publish_a_payment() -> None:
    assert rejection_code(a_delivery(a_payment_processed(), source="shipping")) == "source_unauthorised"


@pytest.mark.parametrize("claim", [{"source": "storefront"}, {"detail-type": "CheckoutCompleted"}])
def test_detail_is_rejected_when_it_differs_from_its_wrapping(claim: dict[str, str]) -> None:
    assert rejection_code(delivered(a_document(a_payment_processed()), **claim)) == "source_mismatch"


def test_fact_of_a_newer_producer_is_unknown() -> None:
    with pytest.raises(UnknownFactError):
        read_delivery(a_delivery(an_order_created(), type="OrderGiftWrapped"))


@pytest.mark.parametrize(
    ("schema", "code"),
    [
        ("urn:orderbus:schema:orders:OrderCreated:3", "schema_major_unsupported"),
        ("urn:orderbus:schema:orders:OrderCreated:0", "schema_major_unsupported"),
        ("urn:orderbus:schema:orders:OrderCreated:", "schema_unsupported"),
        ("urn:orderbus:schema:orders:OrderCreated:2\n", "schema_unsupported"),
        ("urn:orderbus:schema:orders:OrderCancelled:1", "schema_unsupported"),
        ("OrderCreated", "schema_unsupported"),
    ],
)
def test_schema_is_rejected_when_unsupported(schema: str, code: str) -> None:
    assert rejection_code(a_delivery(an_order_created(), dataschema=schema)) == code


@pytest.mark.parametrize(
    "body",
    [
        "",
        "hello",
        "{",
        "[]",
        "null",
        "1",
        '"text"',
        b"\xff\xfe",
        "{}",
        '{"source":"orders"}',
        "\ud800",
        "NaN",
    ],
)
def test_body_is_rejected_when_it_is_no_bus_event(body: str | bytes) -> None:
    assert rejection_code(body) == "json_invalid"


@pytest.mark.parametrize("detail", [None, [], 1])
def test_detail_is_rejected_when_it_is_no_document(detail: object) -> None:
    assert rejection_code(delivered(a_document(an_order_created()), detail=detail)) == "envelope_invalid"


@pytest.mark.parametrize("detail", ["a string", "{}", json.dumps(a_document(an_order_created()))])
def test_document_is_rejected_when_encoded_twice(detail: str) -> None:
    assert rejection_code(delivered(a_document(an_order_created()), detail=detail)) == "double_encoded"


@pytest.mark.parametrize("field", sorted(set(a_document(an_order_created())) - {"datacontenttype", "data"}))
def test_envelope_is_rejected_without_a_required_field(field: str) -> None:
    document = a_document(an_order_created())
    wrapper = a_bus_event(document)
    del document[field]
    assert rejection_code(json.dumps(wrapper | {"detail": document})) == "metadata_missing"


@pytest.mark.parametrize(
    "change",
    [
        {"specversion": "0.3"},
        {"id": "not-a-uuid"},
        {"id": f"{ORDER}\n"},
        {"correlationid": ""},
        {"causationid": None},
        {"traceparent": "garbage"},
        {"time": "yesterday"},
        {"time": "2026-11-23T10:00:00"},
        {"time": 1795428000},
        {"subject": ""},
        {"datacontenttype": "text/xml"},
    ],
    ids=str,
)
def test_envelope_is_rejected_with_an_invalid_field(change: dict[str, Any]) -> None:
    assert rejection_code(a_delivery(an_order_created(), **change)) == "envelope_invalid"


@pytest.mark.parametrize("data", [None, [], {}, "x", {"order_id": ORDER, "customer_id": "ada", "reason": 1}])
def test_data_is_rejected_when_it_is_not_the_fact(data: object) -> None:
    assert rejection_code(a_delivery(an_order_cancelled(), data=data)) == "data_invalid"


def test_new_enum_value_has_its_own_code() -> None:
    data = {"order_id": ORDER, "customer_id": "ada", "reason": "bored"}
    assert rejection_code(a_delivery(an_order_cancelled(), data=data)) == "enum_unknown"


def test_number_is_rejected_in_quotes() -> None:
    document = a_document(an_inventory_reserved(lines=(Line(sku="CUP", quantity=1),)))
    for quantity in ("1", 1.0, True, None, 0, 100):
        document["data"]["lines"][0]["quantity"] = quantity
        assert rejection_code(delivered(document)) == "data_invalid"


def test_event_is_rejected_when_subject_and_data_differ() -> None:
    assert rejection_code(a_delivery(an_order_created(), subject=OTHER_ORDER)) == "subject_mismatch"


def test_unknown_fields_are_ignored() -> None:
    document = a_document(an_order_cancelled(), dataversion="1.1", partitionkey="x")
    document["data"]["note"] = {"added": "later"}
    assert read_delivery(delivered(document, **{"replay-name": "inventory-1"})).event == an_event(
        an_order_cancelled()
    )


def test_message_is_rejected_unread_when_too_large() -> None:
    body = a_delivery(an_order_created())
    padded = body + " " * (MAXIMUM_DELIVERY_CHARACTERS - len(body))
    assert read_delivery(padded).event == an_event(an_order_created())
    assert rejection_code(padded + " ") == "message_too_large"


def test_write_rejects_more_than_64_kib() -> None:
    order = an_order_created(payment_method="pm_" + "x" * codec.MAXIMUM_BYTES)
    with pytest.raises(Rejected) as rejected:
        write(an_event(order))
    assert rejected.value.code == "event_too_large"


@pytest.mark.parametrize(
    ("fact", "error_text"),
    [
        (a_payment_declined(reason="x" * 41), "PaymentDeclined: data_invalid.*reason"),
        (a_payment_processed(payment_id="ch canary"), "PaymentProcessed: data_invalid.*payment_id"),
        (an_order_cancelled(reason="bored"), "OrderCancelled: enum_unknown.*reason"),
        (an_order_confirmed(order_id="canary"), "OrderConfirmed: data_invalid.*order_id"),
    ],
)
def test_write_raises_without_the_value_when_unreadable(fact: Fact, error_text: str) -> None:
    with pytest.raises(UnreadableFactError, match=error_text) as unreadable:
        write(an_event(fact))
    assert not {"canary", "xxx", "bored"} & set(re.findall("[a-z]{3,}", str(unreadable.value)))


def test_write_raises_when_the_cause_is_invalid() -> None:
    with pytest.raises(UnreadableFactError, match=r"OrderConfirmed: envelope_invalid.*correlationid"):
        write(
            codec.event_of(
                an_order_confirmed(),
                cause=msgspec.structs.replace(CAUSE, correlation_id="none"),
                time=NOW,
            )
        )


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_message_is_rejected_when_nested_too_deeply(opening: str) -> None:
    depth = 20_000
    closing = "]" if opening == "[" else "}"
    nested = opening * depth + "1" + closing * depth
    assert rejection_code(nested) == "json_invalid"
    whole = a_delivery(an_order_created())
    assert rejection_code(whole.replace('"data": {', f'"extra": {nested}, "data": {{')) == "json_invalid"


def test_largest_order_fits_the_limit_of_an_event() -> None:
    largest = an_order_created().lines[1:] * 99
    assert len(write(an_event(an_order_created(lines=largest)))) < codec.MAXIMUM_BYTES


@pytest.mark.parametrize(
    ("text", "is_id"),
    [
        (ORDER, True),
        (f"{ORDER}\n", False),
        (ORDER.upper(), False),
        ("", False),
        ("../x", False),
        ("\0", False),
    ],
)
def test_order_id_has_the_form_of_a_uuid(text: str, *, is_id: bool) -> None:
    assert is_order_id(text) is is_id
