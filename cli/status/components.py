"""How every hop of a stage does: what waits, how old it is, what was set aside, and how its function does."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from infrastructure.names import Names

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType

WINDOW = timedelta(minutes=5)
"""How far back counts are summed up; an age is the oldest one of the last minutes."""
QUEUES_AT_ONCE = 16
QUERIES_AT_ONCE = 500
"""What GetMetricData takes at most."""
DEPTHS: "tuple[QueueAttributeNameType, ...]" = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
)
OF_QUEUES = {"ApproximateAgeOfOldestMessage": "Maximum"}
OF_FUNCTIONS = {"Invocations": "Sum", "Errors": "Sum", "Throttles": "Sum", "IteratorAge": "Maximum"}
AGES = {"ApproximateAgeOfOldestMessage": 1, "IteratorAge": 1000}
"""The metrics that say how far behind a hop is, and their units in a second."""


class State(StrEnum):
    """How a hop is, the best first."""

    OK = "ok"
    LATE = "late"
    """Something is older than its objective, or waits in a dead-letter queue, and no alarm rings yet."""
    RINGING = "ringing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm of the stage."""

    name: str
    metric: str
    owner: str
    """The queue or the function whose metric it watches; empty where it is another's."""
    threshold: float | None
    """None where it is about other alarms, or what is usual."""
    rings: bool
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """A queue, a function, or both, with its dead-letter queue; None is what it does not have."""

    name: str
    waiting: int | None
    in_flight: int | None
    oldest: float | None
    """Seconds: of the oldest message in the queue, or of the last record of a stream."""
    objective: float | None
    """Seconds, at which an alarm on that age goes off."""
    dead_letters: int | None
    invocations: int | None
    errors: int | None
    throttles: int | None
    ringing: tuple[str, ...]

    @property
    def state(self) -> State:
        """What its alarms and its figures say together."""
        if self.ringing:
            return State.RINGING
        is_late = self.oldest is not None and self.objective is not None and self.oldest >= self.objective
        return State.LATE if is_late or self.dead_letters else State.OK


Measured = Mapping[tuple[str, str], float]
"""By the queue's or function's name and the metric's."""


def alarms_of(cloudwatch: Any, names: Names) -> list[Alarm]:  # noqa: ANN401 - boto3's client of CloudWatch, whose stubs are not installed
    """Every alarm of the stage, by name."""
    pages = cloudwatch.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=f"{names.prefix}-", AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    found = [_alarm(each) for page in pages for each in (*page["MetricAlarms"], *page["CompositeAlarms"])]
    return sorted(found, key=lambda alarm: alarm.name)


def depths_of(sqs: "SQSClient", names: Names) -> dict[str, tuple[int, int]]:
    """Of every queue of the stage, how many messages wait, and how many are in flight."""
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix=f"{names.prefix}-")
    urls = [url for page in pages for url in page.get("QueueUrls", [])]
    with ThreadPoolExecutor(max_workers=QUEUES_AT_ONCE) as pool:
        return dict(pool.map(lambda url: (url.rpartition("/")[2], _depths(sqs, url)), urls))


def _depths(sqs: "SQSClient", url: str) -> tuple[int, int]:
    counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=DEPTHS)["Attributes"]
    waiting, in_flight = (int(counts[name]) for name in DEPTHS)
    return waiting, in_flight


def measured(cloudwatch: Any, queues: Iterable[str], functions: Iterable[str], now: datetime) -> Measured:  # noqa: ANN401 - as above
    """What CloudWatch has measured of them lately; nothing of those that were idle."""
    asked = [
        *(("AWS/SQS", "QueueName", queue, *metric) for queue in queues for metric in OF_QUEUES.items()),
        *(
            ("AWS/Lambda", "FunctionName", name, *metric)
            for name in functions
            for metric in OF_FUNCTIONS.items()
        ),
    ]
    found: dict[tuple[str, str], float] = {}
    for start in range(0, len(asked), QUERIES_AT_ONCE):
        some = asked[start : start + QUERIES_AT_ONCE]
        for index, values in _series(cloudwatch, some, now):
            _, _, owner, metric, statistic = some[index]
            if values:
                total = sum(values) if statistic == "Sum" else max(values)
                # GetMetricData may give one series in parts.
                parts = [found[owner, metric]] if (owner, metric) in found else []
                found[owner, metric] = sum([*parts, total]) if statistic == "Sum" else max([*parts, total])
    return found


def hops_of(depths: Mapping[str, tuple[int, int]], alarms: Sequence[Alarm], figures: Measured) -> list[Hop]:
    """One hop for each queue or function, by name; a dead-letter queue belongs to what it is named after."""
    named = {name.removesuffix("-dlq") for name in depths} | set(functions_in(alarms))
    return [_hop(name, depths, alarms, figures) for name in sorted(named)]


def functions_in(alarms: Iterable[Alarm]) -> list[str]:
    """The stage's functions: there is none without an alarm on its errors."""
    return sorted({alarm.owner for alarm in alarms if alarm.metric == "Errors"})


def _hop(name: str, depths: Mapping[str, tuple[int, int]], alarms: Sequence[Alarm], figures: Measured) -> Hop:
    own = [alarm for alarm in alarms if alarm.owner in {name, f"{name}-dlq"}]
    waiting, in_flight = depths.get(name, (None, None))
    # One in flight is being looked at, and as dead as before.
    dead = sum(depths[f"{name}-dlq"]) if f"{name}-dlq" in depths else None
    ages = [figures[name, metric] / unit for metric, unit in AGES.items() if (name, metric) in figures]
    objectives = [
        alarm.threshold / AGES[alarm.metric]
        for alarm in own
        if alarm.metric in AGES and alarm.threshold is not None
    ]
    invocations, errors, throttles = (
        int(figures[name, metric]) if (name, metric) in figures else None
        for metric in ("Invocations", "Errors", "Throttles")
    )
    return Hop(
        name=name,
        waiting=waiting,
        in_flight=in_flight,
        oldest=max(ages, default=None),
        objective=min(objectives, default=None),
        dead_letters=dead,
        invocations=invocations,
        errors=errors,
        throttles=throttles,
        ringing=tuple(alarm.name for alarm in own if alarm.rings),
    )


def _alarm(found: Mapping[str, Any]) -> Alarm:
    dimensions = {each["Name"]: each["Value"] for each in found.get("Dimensions", [])}
    return Alarm(
        name=found["AlarmName"],
        metric=found.get("MetricName", ""),
        owner=dimensions.get("QueueName") or dimensions.get("FunctionName") or "",
        threshold=found.get("Threshold"),
        rings=found["StateValue"] == "ALARM",
        description=found.get("AlarmDescription", ""),
    )


def _series(
    cloudwatch: Any,  # noqa: ANN401 - as above
    asked: Sequence[tuple[str, str, str, str, str]],
    now: datetime,
) -> Iterator[tuple[int, list[float]]]:
    queries = [
        {
            "Id": f"q{index}",
            "MetricStat": {
                "Metric": {
                    "Namespace": namespace,
                    "MetricName": metric,
                    "Dimensions": [{"Name": dimension, "Value": owner}],
                },
                "Period": 60,
                "Stat": statistic,
            },
        }
        for index, (namespace, dimension, owner, metric, statistic) in enumerate(asked)
    ]
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, StartTime=now - WINDOW, EndTime=now
    )
    for page in pages:
        for series in page["MetricDataResults"]:
            yield int(series["Id"][1:]), series["Values"]
