"""Facts that were not accepted are sent again at growing intervals, eight times at most."""

import pytest

from cli.replay.retries import MAX_ATTEMPTS, send_with_retries

PAUSES = [0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 20.0]


def test_what_is_never_accepted_is_returned_after_eight_attempts() -> None:
    pauses: list[float] = []
    attempted: list[list[str]] = []

    def attempt(pending: list[str]) -> list[str]:
        attempted.append(pending)
        return ["second"]

    assert send_with_retries(["first", "second"], attempt, pauses.append) == ["second"]
    assert attempted == [["first", "second"], *[["second"]] * (MAX_ATTEMPTS - 1)]
    assert pauses == pytest.approx(PAUSES)


def test_nothing_is_sent_again_once_all_is_accepted() -> None:
    pauses: list[float] = []
    attempted: list[list[str]] = []

    def attempt(pending: list[str]) -> list[str]:
        attempted.append(pending)
        return pending[1:]

    assert send_with_retries(["first", "second"], attempt, pauses.append) == []
    assert attempted == [["first", "second"], ["second"]]
    assert pauses == pytest.approx(PAUSES[:1])
