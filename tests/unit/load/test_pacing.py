"""The schedule is open-loop: a slow request delays no later due time."""

from load.pacing import Due, batches_due


class FakeTime:
    """A clock that only `sleep` and slow requests move."""

    now = 100.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_values_are_due_at_the_rate() -> None:
    time = FakeTime()
    sent = [
        (time.now - 100, [each.value for each in batch])
        for batch in batches_due("abcd", 2, clock=time.clock, sleep=time.sleep)
    ]
    assert sent == [(0, ["a"]), (0.5, ["b"]), (1.0, ["c"]), (1.5, ["d"])]


def test_late_values_come_together_after_a_slow_request() -> None:
    time, sent = FakeTime(), []
    for batch in batches_due("abcd", 2, clock=time.clock, sleep=time.sleep):
        sent.append(batch)
        time.sleep(1.2 if len(sent) == 1 else 0)
    assert sent == [[Due("a", 0)], [Due("b", 0.5), Due("c", 1.0)], [Due("d", 1.5)]]


def test_batch_holds_at_most_ten_entries() -> None:
    time = FakeTime()
    sizes = []
    for batch in batches_due(range(25), 100, clock=time.clock, sleep=time.sleep):
        sizes.append(len(batch))
        time.sleep(1)
    assert sizes == [1, 10, 10, 4]
