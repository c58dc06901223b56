"""A compact list behaves as a list that only grows."""

import json
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketcloud.awslambda.function_log import FunctionLog, LogLine
from pocketcloud.core.compact_list import CompactList

NOW = datetime(2026, 1, 1, 12, 0, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize("count", [0, 1, 63, 64, 127, 128, 129, 1_000])
def test_compact_list_has_what_was_appended(count: int) -> None:
    compact: CompactList[tuple[int, str]] = CompactList()
    expected = [(number, f"line {number}") for number in range(count)]
    for item in expected:
        compact.append(item)
    assert (len(compact), list(compact)) == (count, expected)
    compact.clear()
    assert (len(compact), list(compact)) == (0, [])


@given(limit=st.integers(1, 400), count=st.integers(0, 1_000))
def test_compact_list_keeps_the_last_items(limit: int, count: int) -> None:
    compact: CompactList[int] = CompactList()
    for number in range(count):
        compact.append(number)
        compact.keep_last(limit)
    kept = list(compact)
    assert kept == list(range(count - len(kept), count))
    assert min(limit, count) <= len(kept) <= 2 * limit + 128


def test_compact_list_takes_a_fraction_of_the_memory() -> None:
    def texts(number: int) -> str:
        return json.dumps(
            {"id": f"{number:032x}", "level": "INFO", "message": "An order was placed", **FIELDS}
        )

    sizes = []
    for make in (list[str], CompactList[str]):
        tracemalloc.start()
        kept = make()
        for number in range(2_000):
            kept.append(texts(number))
        sizes.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
    plain, compact = sizes
    assert compact < plain / 3


FIELDS = {f"field_{number}": "a value that recurs in each line" for number in range(8)}


@given(lines=st.lists(st.booleans(), max_size=60), limit=st.sampled_from((1, 7, 20, 1_000)))
def test_log_keeps_the_last_lines_of_both_kinds(lines: list[bool], limit: int) -> None:
    log = FunctionLog(limit)
    expected = []
    for number, is_printed in enumerate(lines):
        line = LogLine(NOW + timedelta(microseconds=number), f"line {number}", "stream")
        (log.print if is_printed else log.add_platform_line)(line.at, line.text, line.stream)
        expected.append((is_printed, line))
    assert list(log) == [line for is_printed, line in expected if is_printed][-limit:]
    assert list(log.group_lines()) == [line for _, line in expected][-limit:]
