"""`cli.status`: metric queries in batches, and the state of a component."""

from collections.abc import Iterator
from typing import Any

import pytest

from cli.status.components import State, components_of
from cli.status.metrics import AlarmStatus, metric_values
from tests.now import NOW

QUEUE = "orderbus-dev-payments"


class CloudWatch:
    """Return each series in two pages: 1 and 2, and then 4."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def get_paginator(self, operation: str) -> "CloudWatch":
        assert operation == "get_metric_data"
        return self

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        queries = request["MetricDataQueries"]
        self.sizes.append(len(queries))
        for values in ([1.0, 2.0], [4.0], []):
            yield {"MetricDataResults": [{"Id": query["Id"], "Values": values} for query in queries]}


def an_alarm(*, fires: bool = False, metric: str = "ApproximateAgeOfOldestMessage") -> AlarmStatus:
    return AlarmStatus(name="a", metric=metric, owner=QUEUE, threshold=900, fires=fires, description="")


def test_metric_values_are_sums_or_maxima() -> None:
    found = metric_values(CloudWatch(), [QUEUE], [QUEUE], NOW)
    assert found[QUEUE, "Errors"] == 7
    assert found[QUEUE, "ApproximateAgeOfOldestMessage"] == 4


def test_metric_values_are_read_in_batches() -> None:
    cloudwatch = CloudWatch()
    found = metric_values(cloudwatch, [f"q{number}" for number in range(1001)], [], NOW)
    assert cloudwatch.sizes == [500, 500, 1]
    assert len(found) == 1001


@pytest.mark.parametrize(
    ("age", "dead", "fires", "state"),
    [
        (899, 0, False, State.OK),
        (900, 0, False, State.LATE),
        (0, 1, False, State.LATE),
        (0, 0, True, State.ALARM),
    ],
)
def test_component_is_late_by_age_or_dead_letter(
    age: float,
    dead: int,
    fires: bool,
    state: State,
) -> None:
    values = {(QUEUE, "ApproximateAgeOfOldestMessage"): age}
    depths = {QUEUE: (3, 2), f"{QUEUE}-dlq": (0, dead)}
    (component,) = components_of(depths, [], [an_alarm(fires=fires)], values)
    assert (
        component.state,
        component.waiting,
        component.in_flight,
        component.dead_letters,
        component.objective,
    ) == (
        state,
        3,
        2,
        dead,
        900,
    )


def test_function_without_alarm_is_shown_when_invoked() -> None:
    (component,) = components_of({}, [], [], {(QUEUE, "Invocations"): 3.0})
    assert (component.name, component.invocations, component.objective) == (QUEUE, 3, None)


def test_component_has_the_age_of_a_stream_in_seconds() -> None:
    values = {(QUEUE, "IteratorAge"): 2500.0}
    (component,) = components_of({}, [QUEUE], [an_alarm(metric="IteratorAge")], values)
    assert (component.oldest, component.objective) == (2.5, 0.9)
