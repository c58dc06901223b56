"""The figures of a stage's queues, functions and alarms, from SQS and CloudWatch."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from infrastructure.names import Names
from infrastructure.topology import SERVICES

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType

WINDOW = timedelta(minutes=5)
"""The period of all sums and maxima."""
CONCURRENT_REQUESTS = 16
MAX_QUERIES = 500
"""The maximum of GetMetricData."""
DEPTHS: "tuple[QueueAttributeNameType, ...]" = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
)
QUEUE_METRICS = {"ApproximateAgeOfOldestMessage": "Maximum"}
FUNCTION_METRICS = {"Invocations": "Sum", "Errors": "Sum", "Throttles": "Sum", "IteratorAge": "Maximum"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmStatus:
    """An alarm of the stage."""

    name: str
    metric: str
    owner: str
    """The queue or function of its metric; empty for other alarms."""
    threshold: float | None
    """None for composite alarms and anomaly detection."""
    fires: bool
    description: str


class _Query(NamedTuple):
    namespace: str
    dimension: str
    owner: str
    metric: str
    statistic: str


MetricValues = Mapping[tuple[str, str], float]
"""By the name of the queue or function, and the metric."""


def alarms_of(cloudwatch: Any, names: Names) -> list[AlarmStatus]:  # noqa: ANN401 - boto3's client of CloudWatch; its stubs are not installed
    """Return every alarm of the stage, sorted by name."""
    pages = cloudwatch.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=f"{names.prefix}-", AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    found = [_alarm(each) for page in pages for each in (*page["MetricAlarms"], *page["CompositeAlarms"])]
    return sorted(found, key=lambda alarm: alarm.name)


def functions_of(names: Names, alarms: Iterable[AlarmStatus]) -> set[str]:
    """Return the functions that every stage has, and those of this stage that have an alarm."""
    always = {
        names.function(service.name, function.module)
        for service in SERVICES
        for function in service.functions
        if not function.only_when
    }
    return {names.relay} | always | {alarm.owner for alarm in alarms if alarm.metric in FUNCTION_METRICS}


def depths_of(sqs: "SQSClient", names: Names) -> dict[str, tuple[int, int]]:
    """Return for every queue of the stage the numbers of waiting messages and of messages in flight."""
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix=f"{names.prefix}-")
    urls = [url for page in pages for url in page.get("QueueUrls", [])]
    with ThreadPoolExecutor(max_workers=CONCURRENT_REQUESTS) as pool:
        return dict(pool.map(lambda url: (url.rpartition("/")[2], _depths(sqs, url)), urls))


def metric_values(
    cloudwatch: Any,  # noqa: ANN401 - as above
    queues: Iterable[str],
    functions: Iterable[str],
    now: datetime,
) -> MetricValues:
    """Return the sum or maximum of each metric in the window; idle queues and functions have none."""
    queries = [
        _Query("AWS/SQS", "QueueName", queue, *metric) for queue in queues for metric in QUEUE_METRICS.items()
    ] + [
        _Query("AWS/Lambda", "FunctionName", name, *metric)
        for name in functions
        for metric in FUNCTION_METRICS.items()
    ]
    found: dict[tuple[str, str], list[float]] = {}
    for start in range(0, len(queries), MAX_QUERIES):
        batch = queries[start : start + MAX_QUERIES]
        # GetMetricData may return one series in several pages.
        for index, values in _series(cloudwatch, batch, now):
            found.setdefault((batch[index].owner, batch[index].metric), []).extend(values)
    statistics = QUEUE_METRICS | FUNCTION_METRICS
    return {
        key: sum(values) if statistics[key[1]] == "Sum" else max(values)
        for key, values in found.items()
        if values
    }


def _depths(sqs: "SQSClient", url: str) -> tuple[int, int]:
    counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=DEPTHS)["Attributes"]
    waiting, in_flight = (int(counts[name]) for name in DEPTHS)
    return waiting, in_flight


def _alarm(found: Mapping[str, Any]) -> AlarmStatus:
    dimensions = {each["Name"]: each["Value"] for each in found.get("Dimensions", [])}
    return AlarmStatus(
        name=found["AlarmName"],
        metric=found.get("MetricName", ""),
        owner=dimensions.get("QueueName") or dimensions.get("FunctionName") or "",
        threshold=found.get("Threshold"),
        fires=found["StateValue"] == "ALARM",
        description=found.get("AlarmDescription", ""),
    )


def _series(
    cloudwatch: Any,  # noqa: ANN401 - as above
    queries: Sequence[_Query],
    now: datetime,
) -> Iterator[tuple[int, list[float]]]:
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=[_request(index, query) for index, query in enumerate(queries)],
        StartTime=now - WINDOW,
        EndTime=now,
    )
    for page in pages:
        for series in page["MetricDataResults"]:
            yield int(series["Id"][1:]), series["Values"]


def _request(index: int, query: _Query) -> dict[str, Any]:
    return {
        "Id": f"q{index}",
        "MetricStat": {
            "Metric": {
                "Namespace": query.namespace,
                "MetricName": query.metric,
                "Dimensions": [{"Name": query.dimension, "Value": query.owner}],
            },
            "Period": 60,
            "Stat": query.statistic,
        },
    }
