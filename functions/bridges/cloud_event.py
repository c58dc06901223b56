"""A CloudEvent in the binary mode of a protocol, in both directions: attributes as headers, data as body.

https://github.com/cloudevents/spec/tree/main/cloudevents/bindings
"""

from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote

import msgspec
from msgspec import Raw, Struct

from functions.shared.contracts.codec import MAXIMUM_BYTES, Rejected, decode

MAXIMUM_HEADERS = 64
JSON = "application/json"
"""The content type of a record that names none."""
STRUCTURED = "application/cloudevents+json"
OTHER_FORMATS = "application/cloudevents"
"""The start of the content types of batches and of other formats than JSON."""
SAFE_IN_HTTP = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"%')
"""Characters that stay unencoded: printable ASCII without the space, the double quote and the percent sign.

https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/http-protocol-binding.md#3132-http-header-values
"""

Headers = Iterable[tuple[str, str | bytes | None]]
"""A record's headers; a name may occur twice."""


class Binding(Struct, frozen=True, kw_only=True):
    """The names that a protocol gives to the attributes of a CloudEvent."""

    prefix: str
    content_type: str = "content-type"
    """The header with the media type of the data; in AMQP it is a property of the message."""
    is_percent_encoded: bool = False


KAFKA = Binding(prefix="ce_")
AMQP = Binding(prefix="cloudEvents:")
HTTP = Binding(prefix="ce-", is_percent_encoded=True)


class BinaryEvent(Struct, frozen=True, kw_only=True):
    """A CloudEvent with its attributes as text, and its data as it was sent."""

    attributes: Mapping[str, str]
    """Without `datacontenttype` and `data`."""
    content_type: str
    data: bytes

    @property
    def id(self) -> str:
        """The id by which a consumer recognises a duplicate."""
        return self.attributes["id"]

    @property
    def key(self) -> str:
        """The id of the aggregate, such as the order's: the partition key, ordering key or message group."""
        return self.attributes["subject"]

    def headers(self, binding: Binding) -> dict[str, str]:
        """Return the headers of its record."""
        values = {f"{binding.prefix}{name}": value for name, value in self.attributes.items()}
        if binding.is_percent_encoded:
            values = {name: quote(value, safe=SAFE_IN_HTTP) for name, value in values.items()}
        return {**values, binding.content_type: self.content_type}


def binary_event(document: str | bytes | Raw) -> BinaryEvent:
    """Return a valid CloudEvents document, such as one of ours, in binary mode."""
    members = decode(document, dict[str, Raw], "envelope_invalid")
    data = bytes(members.pop("data"))
    attributes = {name: _text(raw) for name, raw in members.items() if bytes(raw) != b"null"}
    content_type = attributes.pop("datacontenttype", JSON)
    return BinaryEvent(attributes=attributes, content_type=content_type, data=data)


def document_of(headers: Headers, body: bytes, binding: Binding) -> str:
    """Return the CloudEvents document of a record in binary or structured mode, not yet validated.

    Raises:
        Rejected: the record is too large, or no CloudEvent in JSON.
    """
    found = _unique(headers)
    size = len(body) + sum(len(name.encode()) + len(value.encode()) for name, value in found.items())
    if size > MAXIMUM_BYTES:
        raise Rejected("event_too_large", f"{size} bytes; the limit is {MAXIMUM_BYTES}")
    if not body:
        raise Rejected("data_missing", "the record is empty")
    content_type = found.get(binding.content_type, JSON)
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == STRUCTURED:
        return _utf_8(body)
    if media_type.startswith(OTHER_FORMATS):
        raise Rejected("format_unsupported", "send one CloudEvent in JSON, or in binary mode")
    return _assembled(_attributes(found, binding), content_type, body)


def _assembled(attributes: Mapping[str, str], content_type: str, body: bytes) -> str:
    decode(body, object, "data_invalid")  # text that is no JSON value could add members to the document
    document = {**attributes, "datacontenttype": content_type, "data": Raw(body)}
    return msgspec.json.encode(document).decode()


def _attributes(headers: Mapping[str, str], binding: Binding) -> dict[str, str]:
    prefix = binding.prefix.lower()
    found = {name[len(prefix) :]: value for name, value in headers.items() if name.startswith(prefix)}
    if "specversion" not in found:
        raise Rejected("not_a_cloudevent", f"it has no header {binding.prefix}specversion")
    if reserved := found.keys() & {"data", "datacontenttype"}:
        raise Rejected("envelope_invalid", f"the header {binding.prefix}{min(reserved)} is not allowed")
    if binding.is_percent_encoded:
        return {name: unquote(value.strip('"')) for name, value in found.items()}
    return found


def _unique(headers: Headers) -> dict[str, str]:
    """Return the headers by lower-case name; reject a repeated one, of which readers choose differently."""
    found: dict[str, str] = {}
    for count, (name, value) in enumerate(headers, start=1):
        if count > MAXIMUM_HEADERS:
            raise Rejected("too_many_headers", f"more than {MAXIMUM_HEADERS}")
        if name.lower() in found:
            raise Rejected("header_repeated", "a header occurs twice")
        found[name.lower()] = _utf_8(value) if isinstance(value, bytes) else value or ""
    return found


def _utf_8(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise Rejected("invalid_unicode", "a header or the document is not UTF-8") from None


def _text(raw: Raw) -> str:
    """Return an attribute in its canonical text.

    https://github.com/cloudevents/spec/blob/main/cloudevents/spec.md#type-system
    """
    value = decode(raw, object, "envelope_invalid")
    if not isinstance(value, str | bool | int):
        raise Rejected("envelope_invalid", "an attribute is neither text, boolean nor integer")
    return value if isinstance(value, str) else str(value).lower()
