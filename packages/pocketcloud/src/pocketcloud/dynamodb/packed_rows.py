"""Rows in a third of the memory: all but the latest of a table are compressed, each by itself.

Rows of one table are alike, so the first ones are the dictionary that the others are compressed with.
"""

import json
import zlib
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import Table

from pocketcloud.dynamodb.attribute_values import NotPlannedError, build, plain_attributes

_KEY = "pocketcloud_packing"
_RECENT = 256
"""The latest rows of a table, which are not compressed: short runs and hot rows cost no time."""
_SAMPLES = 16
_RAW = -15
"""Raw deflate, without a header and a checksum for each row."""


class TableRow(Item):
    """A row that nothing changes after it was written."""

    def __init__(
        self, hash_key: DynamoType, range_key: DynamoType | None, attributes: Mapping[str, DynamoType]
    ) -> None:
        self.hash_key, self.range_key = hash_key, range_key
        self.attrs = _limited(attributes)

    @property
    def attrs(self) -> LimitedSizeDict:
        """The row's attributes; a copy if the row is compressed."""
        content = self._content
        return content if self._packing is None else self._packing.unpack(content)

    @attrs.setter
    def attrs(self, attributes: LimitedSizeDict) -> None:
        self._content: Any = attributes
        self._packing: Packing | None = None

    @property
    def is_compressed(self) -> bool:
        """Whether the attributes are compressed."""
        return self._packing is not None

    def pack(self, packing: "Packing") -> None:
        """Keep the attributes compressed from now on, unless they have types that moto alone reads."""
        with suppress(NotPlannedError):
            self._content, self._packing = packing.pack(self.attrs), packing


class Packing:
    """Compresses the older rows of one table."""

    def __init__(self) -> None:
        self._recent: deque[TableRow] = deque()
        self._dictionary = b""

    def __deepcopy__(self, _: object) -> "Packing":
        """Return an empty one for the copy of a table: its rows are copied, too."""
        return Packing()

    def add(self, row: TableRow) -> None:
        """Remember the latest row, and compress the oldest of those remembered."""
        self._recent.append(row)
        if len(self._recent) <= _RECENT:
            return
        self._dictionary = self._dictionary or self._sampled()
        self._recent.popleft().pack(self)

    def pack(self, attributes: Mapping[str, DynamoType]) -> bytes:
        """Return the attributes, compressed."""
        compressor = zlib.compressobj(wbits=_RAW, zdict=self._dictionary)
        return compressor.compress(_text(attributes)) + compressor.flush()

    def unpack(self, packed: bytes) -> LimitedSizeDict:
        """Return the attributes that were compressed."""
        text = zlib.decompressobj(wbits=_RAW, zdict=self._dictionary).decompress(packed)
        return _limited(_typed(json.loads(text)))

    def _sampled(self) -> bytes:
        return b"".join(_text(row.attrs) for row, _ in zip(self._recent, range(_SAMPLES), strict=False))


def remember_row(table: Table, row: Item | None) -> None:
    """Compress an older row of the table, after one was written."""
    if isinstance(row, TableRow):
        vars(table).setdefault(_KEY, Packing()).add(row)


def _text(attributes: Mapping[str, DynamoType]) -> bytes:
    return json.dumps(plain_attributes(attributes), separators=(",", ":")).encode()


def _limited(attributes: Mapping[str, DynamoType]) -> LimitedSizeDict:
    # Its own constructor measures the whole item after each attribute.
    limited = LimitedSizeDict()
    dict.update(limited, attributes)
    return limited


def _typed(attributes: Mapping[str, Any]) -> dict[str, DynamoType]:
    """Return what `plain_attributes` has copied as moto's types, unchecked."""
    return {name: _typed_value(*next(iter(value.items()))) for name, value in attributes.items()}


def _typed_value(kind: str, content: Any) -> DynamoType:
    if kind == "M":
        return build(kind, _typed(content))
    if kind == "L":
        return build(kind, [_typed_value(*next(iter(each.items()))) for each in content])
    return build(kind, content)
