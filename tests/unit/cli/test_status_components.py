"""What is measured of a stage is asked in portions, and put together from the parts that are answered."""

from collections.abc import Iterator
from typing import Any

import pytest

from cli.status.components import Alarm, State, hops_of, measured
from tests.now import NOW

QUEUE = "orderbus-dev-payments"


class CloudWatch:
    """It answers each query in two pages: 1 and 2, and then 4."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def get_paginator(self, operation: str) -> "CloudWatch":
        assert operation == "get_metric_data"
        return self

    def paginate(self, **asked: Any) -> Iterator[dict[str, Any]]:
        queries = asked["MetricDataQueries"]
        self.asked.append(len(queries))
        for values in ([1.0, 2.0], [4.0], []):
            yield {"MetricDataResults": [{"Id": query["Id"], "Values": values} for query in queries]}


def an_alarm(*, rings: bool = False, metric: str = "ApproximateAgeOfOldestMessage") -> Alarm:
    return Alarm(name="a", metric=metric, owner=QUEUE, threshold=900, rings=rings, description="")


def test_counts_are_summed_up_and_the_oldest_age_counts() -> None:
    found = measured(CloudWatch(), [QUEUE], [QUEUE], NOW)
    assert found[QUEUE, "Errors"] == 7
    assert found[QUEUE, "ApproximateAgeOfOldestMessage"] == 4


def test_no_more_is_asked_at_once_than_cloudwatch_takes() -> None:
    cloudwatch = CloudWatch()
    found = measured(cloudwatch, [f"q{number}" for number in range(1001)], [], NOW)
    assert cloudwatch.asked == [500, 500, 1]
    assert len(found) == 1001


@pytest.mark.parametrize(
    ("age", "dead", "rings", "state"),
    [
        (899, 0, False, State.OK),
        (900, 0, False, State.LATE),
        (0, 1, False, State.LATE),
        (0, 0, True, State.RINGING),
    ],
)
def test_a_hop_is_late_from_its_objective_on_or_with_a_dead_letter(
    age: float,
    dead: int,
    rings: bool,  # noqa: FBT001 - a table of cases
    state: State,
) -> None:
    figures = {(QUEUE, "ApproximateAgeOfOldestMessage"): age}
    (hop,) = hops_of({QUEUE: (3, 2), f"{QUEUE}-dlq": (0, dead)}, [an_alarm(rings=rings)], figures)
    assert (hop.state, hop.waiting, hop.in_flight, hop.dead_letters, hop.objective) == (
        state,
        3,
        2,
        dead,
        900,
    )


def test_the_age_of_a_stream_is_told_in_seconds() -> None:
    figures = {(QUEUE, "IteratorAge"): 2500.0}
    (hop,) = hops_of({}, [an_alarm(metric="IteratorAge"), an_alarm(metric="Errors")], figures)
    assert (hop.oldest, hop.objective) == (2.5, 0.9)
