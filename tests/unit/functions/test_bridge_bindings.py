"""Tests of CloudEvents' bindings: both directions, and what is no event."""

import json
from typing import Any

import pytest

from functions.bridges.cloud_event import AMQP, HTTP, KAFKA, Binding, binary_event, document_of
from functions.shared.contracts.codec import MAXIMUM_BYTES, Rejected
from tests.unit.functions.builders import CAUSE, ORDER, a_document, a_stock_replenished, an_order_created

BINDINGS = {"ce_": KAFKA, "cloudEvents:": AMQP, "ce-": HTTP}
OUTSIDE = a_document(a_stock_replenished(), subject='Lager "Süd" 100%')
EVENT = binary_event(json.dumps(OUTSIDE))
HEADERS = list(EVENT.headers(KAFKA).items())


@pytest.mark.parametrize("prefix", BINDINGS)
@pytest.mark.parametrize("document", [OUTSIDE, a_document(an_order_created())], ids=["outside", "ours"])
def test_document_is_the_same_after_both_directions(prefix: str, document: dict[str, Any]) -> None:
    event, binding = binary_event(json.dumps(document)), BINDINGS[prefix]
    headers = event.headers(binding)
    assert headers[f"{prefix}id"] == document["id"]
    assert headers["content-type"] == "application/json"
    encoded = [(name, value.encode()) for name, value in headers.items()]
    assert json.loads(document_of(encoded, event.data, binding)) == document


def test_key_is_the_order_and_data_are_as_sent() -> None:
    document = a_document(an_order_created(), traced=True, attempt=3, absent=None)
    event = binary_event(json.dumps(document))
    assert (event.key, event.id) == (ORDER, document["id"])
    assert json.loads(event.data) == document["data"]
    assert (event.attributes["traced"], event.attributes["attempt"]) == ("true", "3")
    assert "absent" not in event.attributes


def test_http_headers_hold_printable_ascii_only() -> None:
    subject = EVENT.headers(HTTP)["ce-subject"]
    assert subject == "Lager%20%22S%C3%BCd%22%20100%25"


def test_structured_record_is_its_document() -> None:
    headers = [("Content-Type", b"application/cloudevents+json; charset=UTF-8")]
    assert json.loads(document_of(headers, json.dumps(OUTSIDE).encode(), KAFKA)) == OUTSIDE


@pytest.mark.parametrize(
    ("headers", "body", "code"),
    [
        ([], b"{}", "not_a_cloudevent"),
        (HEADERS, b"", "data_missing"),
        (HEADERS, b"not json", "data_invalid"),
        (HEADERS, b'{},"source":"payments"', "data_invalid"),
        (HEADERS, b" " * MAXIMUM_BYTES, "event_too_large"),
        ([*HEADERS, ("ce_extra", b"x" * MAXIMUM_BYTES)], b"{}", "event_too_large"),
        ([*HEADERS, ("CE_ID", CAUSE.id)], b"{}", "header_repeated"),
        ([*HEADERS, ("ce_data", b"{}")], b"{}", "envelope_invalid"),
        ([*HEADERS, ("ce_note", b"\xff")], b"{}", "invalid_unicode"),
        ([(f"h{number}", b"") for number in range(65)], b"{}", "too_many_headers"),
        ([("content-type", b"application/cloudevents-batch+json")], b"[]", "format_unsupported"),
        ([("content-type", b"application/cloudevents+avro")], b"\x01", "format_unsupported"),
        ([("content-type", b"application/cloudevents+json")], b"\xff", "invalid_unicode"),
    ],
)
def test_record_is_rejected_with_its_reason(headers: Any, body: bytes, code: str) -> None:
    with pytest.raises(Rejected) as rejected:
        document_of(headers, body, KAFKA)
    assert rejected.value.code == code


def test_prefix_of_another_binding_is_no_cloudevent() -> None:
    for binding in (AMQP, HTTP, Binding(prefix="x_")):
        with pytest.raises(Rejected, match="not_a_cloudevent"):
            document_of(HEADERS, EVENT.data, binding)
