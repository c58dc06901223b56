"""Envelopes as other SDKs and brokers write them are read, and mean the same as ours."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from jsonschema import Draft4Validator

from contract_files.versions import SCHEMAS
from functions.shared.contracts import codec
from functions.shared.contracts.codec import Rejected
from functions.shared.contracts.delivery import read_delivery
from functions.shared.contracts.log_context import LogContext
from functions.shared.contracts.timestamp import parse_timestamp
from tests.unit.functions.builders import a_bus_event, a_checkout_completed, a_document
from tests.unit.functions.shop import BASKET, post

SCHEMA = json.loads((SCHEMAS / "Envelope.v1.json").read_text())

JSON_TYPES = (
    "application/json",
    "Application/JSON",
    "APPLICATION/JSON;CHARSET=UTF-8",
    "application/json; charset=utf-8",
    'application/json ;\tcharset="utf-8"',
    'application/json; profile="https://example.com/a;charset=utf-16"; charset=utf-8',
    'application/json; note="say \\"hi\\""',
    "application/json;charset=utf-8;version=1",
    "application/json;",
    "application/json; ; charset=utf-8 ",
)
OTHER_JSON_TYPES = (
    "application/vnd.partner+json",
    "text/json",
    "application/cloudevents+json; charset=UTF-8",
)
NO_JSON_TYPES = (
    "",
    "text/xml",
    "application/json-seq",
    "application/jsonx",
    "application/xml+json+xml",
    "application/json, text/xml",
    "application/json charset=utf-8",
    "application/json; charset=utf-16",
    "application/json; charset=iso-8859-1",
    "application/json; charset=us-ascii",
    "application/json; Charset=Latin1",
    'application/json; charset="utf-16"',
    "application/json; charset=utf-8; charset=utf-16",
    "application/json; charset=",
    "application/json; charset",
    'application/json; note="open',
    "application/json; charset=utf-8\n",
    "application/json\n",
)


def read(**changes: Any) -> Any:
    return codec.read(json.dumps(a_document(a_checkout_completed(), **changes)))


def is_published(**changes: Any) -> bool:
    """Whether the public schema allows the envelope."""
    return bool(Draft4Validator(SCHEMA).is_valid(a_document(a_checkout_completed(), **changes)))


@pytest.mark.parametrize("media_type", [*JSON_TYPES, *OTHER_JSON_TYPES])
def test_envelope_is_read_when_data_is_json(media_type: str) -> None:
    assert read(datacontenttype=media_type) == read()
    assert is_published(datacontenttype=media_type)


@pytest.mark.parametrize("media_type", NO_JSON_TYPES, ids=ascii)
def test_envelope_is_rejected_when_data_is_not_json(media_type: str) -> None:
    with pytest.raises(Rejected, match="envelope_invalid"):
        read(datacontenttype=media_type)
    assert not is_published(datacontenttype=media_type)


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("media_type", JSON_TYPES)
def test_request_is_accepted_when_body_is_json(media_type: str) -> None:
    assert post(json.dumps(BASKET), content_type=media_type).status == 202


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("media_type", [*NO_JSON_TYPES, *OTHER_JSON_TYPES], ids=ascii)
def test_request_is_rejected_when_body_is_not_json(media_type: str) -> None:
    reply = post(json.dumps(BASKET), content_type=media_type)
    assert (reply.status, reply.code) == (415, "content_type")


NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
TIMES = {
    "2026-01-01T00:00:00Z": NEW_YEAR,
    "2026-01-01t00:00:00z": NEW_YEAR,
    "2026-01-01 00:00:00Z": NEW_YEAR,
    "2026-01-01T02:00:00+02:00": NEW_YEAR,
    "2025-12-31T16:30:00-07:30": NEW_YEAR,
    "2026-01-01T00:00:00-00:00": NEW_YEAR,
    "2026-01-01T00:00:00.5Z": NEW_YEAR + timedelta(milliseconds=500),
    "2026-01-01T00:00:00.123456789Z": NEW_YEAR + timedelta(microseconds=123456),
    "2026-01-01T00:00:00.999999999999Z": NEW_YEAR + timedelta(microseconds=999999),
    "2025-12-31T23:59:60Z": NEW_YEAR,
    "2025-12-31t23:59:60.25z": NEW_YEAR + timedelta(milliseconds=250),
    "2025-12-31T15:59:60-08:00": NEW_YEAR,
    "2026-01-01T05:29:60+05:30": NEW_YEAR,
}
NO_TIMES = (
    "",
    "now",
    "2026-01-01",
    "2026-01-01T00:00:00",
    "2026-01-01T00:00Z",
    "2026-01-01T00:00:00.Z",
    "2026-01-01T00:00:00,5Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01T00:60:00Z",
    "2026-01-01T00:00:61Z",
    "2026-01-01T00:00:60Z",
    "2025-12-31T22:59:60Z",
    "2025-12-31T23:58:60Z",
    "2025-12-31T23:59:60+01:00",
    "9999-12-31T23:59:60Z",
    "0000-01-01T00:00:00Z",
    "2026-02-29T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-01-01T00:00:00+24:00",
    "2026-01-01T00:00:00+01:60",
    "2026-01-01T00:00:00+0100",
    "20260101T000000Z",
    "2026-01-01T00:00:00Z\n",
    "\u0662026-01-01T00:00:00Z",
    1767225600,
)


@pytest.mark.parametrize("text", TIMES)
def test_time_is_the_same_however_written(text: str) -> None:
    event = read(time=text)
    assert event.time == parse_timestamp(text) == TIMES[text]
    assert codec.read(codec.write(event)).time == TIMES[text]


@pytest.mark.parametrize("text", NO_TIMES, ids=ascii)
def test_envelope_is_rejected_when_time_is_invalid(text: object) -> None:
    with pytest.raises(Rejected, match="envelope_invalid"):
        read(time=text)


def test_ids_are_the_same_when_in_capitals() -> None:
    ours = a_document(a_checkout_completed())
    capitals = {name: ours[name].upper() for name in ("id", "causationid", "correlationid")}
    document = a_document(a_checkout_completed(), **capitals)
    assert read(**capitals) == read()
    assert read_delivery(json.dumps(a_bus_event(document))) == read_delivery(
        json.dumps(a_bus_event(a_document(a_checkout_completed())))
    )
    assert LogContext.of_document(json.dumps(document)).event_id == read().id
    assert LogContext.of_document(json.dumps(document)).correlation_id == read().cause.correlation_id
    assert is_published(**capitals)


@pytest.mark.parametrize("wrong", ["G0000000-0000-4000-8000-000000000000", "42", "urn:uuid:{0}", "{0}\n"])
def test_envelope_is_rejected_when_id_is_no_uuid(wrong: str) -> None:
    identity = wrong.format(a_document(a_checkout_completed())["id"])
    with pytest.raises(Rejected, match="envelope_invalid"):
        read(id=identity)
