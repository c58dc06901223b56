"""Exactly once: a model of Lambda's deliveries against the checkpoint, and designs that fail at it."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from functions.analytics.checkpoint import (
    ALLOWED_LATENESS,
    MAXIMUM_MINUTES,
    Checkpoint,
    CountedBatch,
    CountedEvent,
    additions,
)
from functions.analytics.figures import RESTATED, Figures, minute_of
from functions.analytics.histogram import bucket_of, quantile
from functions.contracts.orders import OrderCancelled
from functions.shared.contracts.envelope import Cause, Event
from functions.shared.contracts.fact import Fact

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
SEEDS = 15
ORDER = "0b6f6a1e-5f43-5a0c-9a38-3d6f0a9d2c11"
Log = list[CountedEvent]
Deliveries = Iterator[tuple[Log, bool]]
Design = Callable[[Deliveries], Counter[str]]


def record(sequence: int, number: int, time: datetime) -> CountedEvent:
    identity = f"{number * 7919:08x}-{number % 65536:04x}-5000-8000-000000000000"
    cause = Cause(id=identity, correlation_id=identity, traceparent="")
    fact = OrderCancelled(order_id=ORDER, customer_id="ada", reason="out_of_stock")
    event: Event[Fact] = Event(
        id=identity, subject=ORDER, time=time, cause=cause, fact=fact, major=fact.version
    )
    return CountedEvent(sequence, event)


def a_log(rng: random.Random, size: int = 400) -> tuple[Log, Counter[str]]:
    """Return a shard's records, some of them put twice, and the truth: events per minute."""
    numbers: list[int] = []
    for number in range(size):
        numbers.append(number)
        if rng.random() < 0.05:
            numbers += numbers[-rng.randrange(1, 100) :]  # the producer got no response
    times = {n: START + timedelta(seconds=n - rng.choice([0, 0, 5, 60])) for n in range(size)}
    truth = Counter(minute_of(time) for time in times.values())
    return [record(place, number, times[number]) for place, number in enumerate(numbers)], truth


def deliveries(rng: random.Random, log: Log) -> Deliveries:
    """Yield batches in order; after a lost response again, whole or cut in two."""
    place = 0
    while place < len(log):
        batch = log[place : place + rng.randrange(1, 100)]
        while rng.random() < 0.2:
            yield batch, False
            if rng.random() < 0.5:
                batch = batch[: max(1, len(batch) // 2)]
        yield batch, True
        place += len(batch)


def total(counted: Iterator[CountedBatch]) -> tuple[Counter[str], Checkpoint | None]:
    sums: Counter[str] = Counter()
    last = None
    for addition in counted:
        last = addition.checkpoint
        for minute, figures in addition.minutes.items():
            sums[minute] += figures["event.OrderCancelled"]
    return sums, last


def ours(batches: Deliveries) -> Counter[str]:
    sums: Counter[str] = Counter()
    checkpoint = Checkpoint()
    for batch, _ in batches:
        added, last = total(additions(batch, checkpoint))
        sums += added
        checkpoint = last or checkpoint
    return sums


def without_checkpoint(batches: Deliveries) -> Counter[str]:
    return sum((total(additions(batch, Checkpoint()))[0] for batch, _ in batches), Counter())


def without_recent_ids(batches: Deliveries) -> Counter[str]:
    sums: Counter[str] = Counter()
    sequence = -1
    for batch, _ in batches:
        added, last = total(additions(batch, Checkpoint(sequence)))
        sums += added
        sequence = last.sequence if last else sequence
    return sums


def state_of_the_response(batches: Deliveries) -> Counter[str]:
    """Keep the state only when Lambda gets the response, as a tumbling window does."""
    sums: Counter[str] = Counter()
    for batch, is_received in batches:
        if is_received:
            sums += total(additions(batch, Checkpoint()))[0]
    return sums


def wrong_runs(design: Design, seeds: int = SEEDS) -> int:
    wrong = 0
    for seed in range(seeds):
        log, truth = a_log(random.Random(seed))
        wrong += design(deliveries(random.Random(seed + 1), log)) != truth
    return wrong


def test_checkpoint_and_recent_ids_count_exactly_once() -> None:
    assert wrong_runs(ours) == 0


@pytest.mark.parametrize("design", [without_checkpoint, without_recent_ids, state_of_the_response])
def test_a_design_without_one_of_them_fails(design: Design) -> None:
    assert wrong_runs(design) == SEEDS


def test_a_batch_of_many_minutes_is_several_transactions() -> None:
    log = [record(n, n, START + timedelta(minutes=n)) for n in range(250)]
    found = list(additions(log, Checkpoint()))
    assert [len(each.minutes) for each in found] == [MAXIMUM_MINUTES, MAXIMUM_MINUTES, 70]
    assert [each.checkpoint.sequence for each in found] == [89, 179, 249]


def test_an_event_restates_its_minute_when_it_is_late() -> None:
    late = START - ALLOWED_LATENESS
    log = [record(0, 0, START), record(1, 1, late), record(2, 2, late - timedelta(seconds=1))]
    (addition,) = additions(log, Checkpoint())
    restated = Counter({minute: each[RESTATED] for minute, each in addition.minutes.items()})
    assert +restated == Counter({minute_of(late - timedelta(seconds=1)): 1})


def test_an_unreadable_record_only_moves_the_checkpoint() -> None:
    (addition,) = additions([CountedEvent(7, None)], Checkpoint(3))
    assert addition == CountedBatch(Checkpoint(7), dict[str, Figures]())


def test_a_quantile_is_at_most_a_bucket_above() -> None:
    rng = random.Random(1)
    durations = sorted(timedelta(seconds=rng.lognormvariate(3, 1)) for _ in range(1000))
    counts = Counter(map(bucket_of, durations))
    for share in (0.5, 0.95, 1.0):
        exact, found = durations[int(share * 1000) - 1], quantile(counts, share)
        assert found is not None
        assert exact <= found <= exact * 1.091
    assert quantile({}, 0.5) is None
