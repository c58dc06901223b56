"""A busy DynamoDB is asked again at growing intervals."""

from itertools import islice

from cli.core.backoff import MAX_PAUSE_SECONDS, attempts


def test_pauses_between_attempts_grow_up_to_a_limit() -> None:
    pauses: list[float] = []
    assert list(islice(attempts(pauses.append), 12)) == list(range(12))
    assert pauses[:3] == [0.2, 0.4, 0.8]
    assert pauses == sorted(pauses)
    assert pauses[-1] == MAX_PAUSE_SECONDS
