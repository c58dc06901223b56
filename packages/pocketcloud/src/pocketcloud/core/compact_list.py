"""A list that only grows, in a tenth of the memory: older items are kept in compressed blocks."""

import pickle
from collections.abc import Iterator
from typing import Generic, TypeVar
from zlib import compress, decompress

Item = TypeVar("Item")

_BLOCK = 64
"""Items of a block; the last items, fewer than two blocks, are not compressed."""
_LEVEL = 1
"""Level of compression: similar JSON texts take an eighth, in five microseconds each."""


class CompactList(Generic[Item]):
    """Items that can be pickled; reading them costs more than of a list."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []
        self._recent: list[Item] = []

    def __len__(self) -> int:
        return len(self._blocks) * _BLOCK + len(self._recent)

    def __iter__(self) -> Iterator[Item]:
        """Yield all items in order."""
        for block in self._blocks:
            yield from pickle.loads(decompress(block))  # noqa: S301 - the list itself has pickled it
        yield from self._recent

    def append(self, item: Item) -> None:
        """Append an item."""
        self._recent.append(item)
        if len(self._recent) >= 2 * _BLOCK:
            pickled = pickle.dumps(self._recent[:_BLOCK], protocol=pickle.HIGHEST_PROTOCOL)
            self._blocks.append(compress(pickled, _LEVEL))
            del self._recent[:_BLOCK]

    def clear(self) -> None:
        """Delete all items."""
        self._blocks.clear()
        self._recent.clear()

    def keep_last(self, number: int) -> None:
        """Delete the oldest items, many at once, and keep at least that many."""
        while self._blocks and len(self) - _BLOCK >= number:
            del self._blocks[0]
        if not self._blocks and len(self._recent) > 2 * number:
            del self._recent[:-number]
