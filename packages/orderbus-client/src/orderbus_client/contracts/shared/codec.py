# Copied from functions/shared/contracts/codec.py by `python -m client_package`: change the original.
"""The only place that sees raw documents: bytes become facts here, and facts become bytes."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

import msgspec
from msgspec import Raw

from orderbus_client.contracts.shared.domain_contracts import domain_contracts
from orderbus_client.contracts.shared.envelope import Cause, Envelope, Event, child_of, event_id
from orderbus_client.contracts.shared.fact import Fact, Older, PublishedFact
from orderbus_client.contracts.shared.normal_form import composed
from orderbus_client.contracts.shared.published_version import as_published

MAXIMUM_BYTES = 64 * 1024
"""Limit of one event, far below the smallest limit on its way (SNS: 256 KiB)."""
NO_OTHER_CODES: Mapping[str, str] = {}

T = TypeVar("T")


class Rejected(Exception):  # noqa: N818 - named as the style guide names the two kinds of failure
    """A message that can never succeed; `code` says why, and nothing of its content is in the error."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class UnreadableFactError(Exception):
    """A fact of ours that no consumer could read: a bug, found before anything is committed."""


class UnknownFactError(Exception):
    """A fact that this version does not know, from a newer producer; this is not an error."""


def schema_of(fact: type[Fact], major: int | None = None) -> str:
    """Return the name of a fact's schema, as a URN: of its latest version, or of the given one."""
    return f"{domain_contracts().urn}:schema:{fact.owner}:{fact.__name__}:{major or fact.version}"


def read(document: str | bytes) -> Event[Fact]:
    """Return the event in one CloudEvents document.

    Raises:
        Rejected: it is malformed, or its source may not publish that fact.
        UnknownFactError: this version does not know its type.
    """
    return open_envelope(read_envelope(document))


def read_envelope(document: str | bytes | Raw) -> Envelope:
    """Decode the document except its data; raise `Rejected` if it is malformed."""
    try:
        codes = {"Object missing required": "metadata_missing"}
        envelope = decode(document, Envelope, "envelope_invalid", codes)
    except Rejected as rejected:
        if _is_text(document):
            raise Rejected("double_encoded", "the document is a text that holds JSON") from None
        raise rejected from None
    return _in_normal_form(envelope)


def _in_normal_form(envelope: Envelope) -> Envelope:
    """Compose the data's text, so that both spellings of an accented character are the same request."""
    data = bytes(envelope.data)
    if data.isascii() and b"\\u" not in data:
        return envelope
    try:
        value = composed(decode(envelope.data, object, "data_invalid"))
    except RecursionError:
        raise Rejected("data_invalid", "nested too deeply") from None
    return msgspec.structs.replace(envelope, data=msgspec.Raw(msgspec.json.encode(value)))


def event_of(
    fact: PublishedFact, *, cause: Cause, time: datetime, decision: str | None = None
) -> Event[PublishedFact]:
    """Return the event that publishes a decision: the fact's own, or another one that it takes."""
    identity = event_id(fact.owner, fact.aggregate, decision or fact.decision_key)
    trace = Cause(
        id=cause.id, correlation_id=cause.correlation_id, traceparent=child_of(cause.traceparent, identity)
    )
    return Event(
        id=identity,
        subject=fact.aggregate,
        time=time,
        cause=trace,
        fact=fact,
        major=as_published(fact)[0],
    )


def write(event: Event[Fact], *, source: str | None = None) -> str:
    """Return the event as a CloudEvents document that `read` accepts, from its owner or another source.

    msgspec checks a struct's types when it is decoded, not when it is created
    (https://jcristharif.com/msgspec/structs.html#type-validation).

    Raises:
        Rejected: the document is larger than 64 KiB.
        UnreadableFactError: the fact or its metadata violates the contract.
    """
    major, data = as_published(event.fact)
    document = msgspec.json.encode(
        Envelope(
            specversion="1.0",
            id=event.id,
            source=source or event.fact.owner,
            type=type(event.fact).__name__,
            subject=event.subject,
            time=msgspec.to_builtins(event.time),
            dataschema=schema_of(type(event.fact), major),
            correlationid=event.cause.correlation_id,
            causationid=event.cause.id,
            traceparent=event.cause.traceparent,
            data=msgspec.Raw(msgspec.json.encode(data)),
        )
    )
    if len(document) > MAXIMUM_BYTES:
        raise Rejected("event_too_large", f"{len(document)} bytes; the limit is {MAXIMUM_BYTES}")
    try:
        read(document)
    except (Rejected, UnknownFactError) as error:
        raise UnreadableFactError(f"{type(event.fact).__name__}: {error}") from None
    return document.decode()


def without_values(message: str) -> str:
    """Return msgspec's message without the value it quotes: it is logged and may not hold what was sent."""
    return re.sub(r"(enum value) .*?((?: - at `[^`]*`)?)$", r"\1\2", message, flags=re.DOTALL)


def is_valid(value: object, kind: object) -> bool:
    """Return whether the JSON value is one of that type."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def open_envelope(envelope: Envelope) -> Event[Fact]:
    """Return the event with its data decoded as the fact it claims to be; raise as `read` does."""
    fact = _read_fact(envelope)
    if isinstance(fact, PublishedFact) and fact.aggregate != envelope.subject:
        raise Rejected("subject_mismatch", "the data is about something else than the subject")
    return Event(
        id=envelope.id.lower(),
        subject=envelope.subject,
        time=envelope.timestamp,
        cause=Cause(
            id=envelope.causationid.lower(),
            correlation_id=envelope.correlationid.lower(),
            traceparent=envelope.traceparent,
        ),
        fact=fact,
        major=int(envelope.dataschema.rpartition(":")[2]),
    )


def decode(
    document: str | bytes | Raw, into: type[T], code: str, other_codes: Mapping[str, str] = NO_OTHER_CODES
) -> T:
    """Decode the document as that type; raise `Rejected` with the code otherwise.

    `other_codes` holds codes for errors that start with certain words.
    """
    try:
        return msgspec.json.decode(document, type=into)
    except (msgspec.MsgspecError, UnicodeDecodeError, UnicodeEncodeError) as error:
        message = without_values(str(error))
        codes = [other_codes[start] for start in other_codes if message.startswith(start)]
        raise Rejected(codes[0] if codes else code, message) from None
    except RecursionError:
        raise Rejected(code, "nested too deeply") from None


def _read_fact(envelope: Envelope) -> Fact:
    known = domain_contracts().facts.get(envelope.type)
    if known is None:
        raise UnknownFactError(envelope.type)
    if envelope.source not in {known.owner, *known.also_from}:
        raise Rejected("source_unauthorised", f"its source may not publish {envelope.type}")
    if envelope.dataschema == schema_of(known):
        return _read_data(envelope, known)
    return _upcast(envelope, known)


def _upcast(envelope: Envelope, known: type[Fact]) -> Fact:
    """Upcast an earlier major version of the fact, step by step, to the one this version knows."""
    stem = schema_of(known).rpartition(":")[0]
    by_schema = {schema_of(known, major): earlier for major, earlier in known.older.items()}
    older = by_schema.get(envelope.dataschema)
    if older is None:
        is_major = re.fullmatch(rf"{stem}:[0-9]+", envelope.dataschema)
        code = "schema_major_unsupported" if is_major else "schema_unsupported"
        raise Rejected(code, f"this version reads {schema_of(known)}")
    step: Older | Fact = _read_data(envelope, older)
    while isinstance(step, Older):
        step = step.upcast()
    return step


def _read_data(envelope: Envelope, into: type[T]) -> T:
    return decode(envelope.data, into, "data_invalid", {"Invalid enum value": "enum_unknown"})


def _is_text(document: str | bytes | Raw) -> bool:
    return isinstance(document, Raw) and bytes(document).startswith(b'"')
