"""Run every path once on the offline cloud, and count."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from cli.cost.counting.capacity_meter import CapacityMeter
from cli.cost.counting.counts import Counts, FunctionCount, PathCount
from cli.cost.counting.item_size import item_bytes
from cli.cost.counting.order_flow import OrderFlow
from cli.cost.counting.paths import PATHS, STOCK
from cli.cost.ordered_stream import kibibytes, payload_units
from cli.demo.deployment import seed
from cli.demo.sample_orders import PRICES
from infrastructure.names import Names
from infrastructure.topology import SERVICES
from infrastructure.triggers import EveryMinute
from pocketcloud import Kind, OfflineCloud

BYTES_PER_STORED_ITEM = 100
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html"""
IDLE_MINUTES = 10
PUT_RECORDS = "PutRecords"
EMBEDDED_METRICS = '"_aws"'
OF_AN_INVOCATION = '["service"]'
"""The dimensions of what a whole batch is counted by; `Telemetry.count_by` adds another."""
Report = Callable[[str], None]


class UnexpectedOutcomeError(Exception):
    """A path ended in another status than its own."""


def count(cloud: OfflineCloud, names: Names, report: Report = lambda _: None) -> Counts:
    """Count every path of an order, each in an empty cloud, and minutes without orders."""
    paths, metrics = {}, set()
    for name in PATHS:
        report(f"Counting one order: {name.replace('-', ' ')} …")
        paths[name] = count_path(cloud, names, name)
        metrics |= _custom_metrics(cloud)
    report("Counting minutes without orders …")
    return Counts(paths=paths, idle=_idle(cloud, names), metrics=len(metrics))


def count_path(cloud: OfflineCloud, names: Names, name: str) -> PathCount:
    """Run one order in an empty cloud; raise UnexpectedOutcomeError if it ends otherwise."""
    run, expected = PATHS[name]
    with _metered(cloud, names) as meter:
        flow = OrderFlow(cloud, names)
        stored = _stored_bytes(cloud, names)
        run(flow)
        counted = _path_count(meter, names, flow.http_requests, _stored_bytes(cloud, names) - stored)
    if (status := flow.status()) != expected:
        raise UnexpectedOutcomeError(f"{name}: {status}, not {expected}")
    return counted


def _idle(cloud: OfflineCloud, names: Names) -> PathCount:
    """Return what happens in IDLE_MINUTES minutes."""
    with _metered(cloud, names) as meter:
        cloud.advance(minutes=IDLE_MINUTES)
        return _path_count(meter, names, 0, 0, with_schedules=True)


@contextmanager
def _metered(cloud: OfflineCloud, names: Names) -> Iterator[CapacityMeter]:
    cloud.reset()
    seed(cloud, names, PRICES, STOCK)
    cloud.calls.keep = True
    meter = CapacityMeter(cloud)
    cloud.calls.middleware.append(meter)
    try:
        yield meter
    finally:
        cloud.calls.middleware.remove(meter)
        cloud.calls.keep = False


def _path_count(
    meter: CapacityMeter, names: Names, http_requests: int, stored_bytes: int, *, with_schedules: bool = False
) -> PathCount:
    cloud = meter.cloud
    kinds = Counter(hop.kind for hop in cloud.journal.hops)
    entries = [entry for call in cloud.calls.log for entry in call.parameters.get("Entries", ())]
    streamed = [
        len(record["Data"]) + len(record["PartitionKey"].encode())
        for call in cloud.calls.log
        if call.operation == PUT_RECORDS
        for record in call.parameters["Records"]
    ]
    topics = sum(hop.destination.startswith("topic/") for hop in cloud.journal.hops)
    return PathCount(
        functions=dict(_functions(meter, names, with_schedules=with_schedules)),
        http_requests=http_requests,
        events=kinds[Kind.ACCEPTED],
        event_bytes=sum(len(entry["Detail"].encode()) for entry in entries),
        publishes=topics,
        tables={
            table.removeprefix(f"{names.prefix}-"): units for table, units in sorted(meter.by_table.items())
        },
        metrics=len(_custom_metrics(cloud)),
        stream_payload_units=payload_units(streamed),
        stream_kibibytes=kibibytes(streamed),
        stored_bytes=stored_bytes,
    )


def _functions(
    meter: CapacityMeter, names: Names, *, with_schedules: bool
) -> Iterator[tuple[str, FunctionCount]]:
    cloud, scheduled = meter.cloud, _scheduled(names)
    invocations = _invocations(cloud)
    messages = Counter(
        hop.destination.removeprefix("function/")
        for hop in cloud.journal.hops
        if hop.kind is Kind.INVOKED and hop.event is not None
    )
    for function in sorted({*invocations, *(call.function for call in cloud.calls.log)}):
        counted = _function(meter, function, is_skipped=function in scheduled and not with_schedules)
        counted.messages = messages[function]
        counted.invocations *= invocations[function]
        if counted.invocations or counted.calls:
            yield function.removeprefix(f"{names.prefix}-"), counted


def _function(meter: CapacityMeter, function: str, *, is_skipped: bool) -> FunctionCount:
    """Without its share of a schedule if it is skipped: the invocation, its queries and its lines."""
    capacity = meter.by_function[function]
    calls = Counter(
        f"{call.service}.{call.operation}"
        for call in meter.cloud.calls.log
        if call.function == function and not (is_skipped and call.operation == "Query")
    )
    counted = FunctionCount(
        invocations=not is_skipped,
        calls=dict(sorted(calls.items())),
        write_units=capacity.write_units,
        index_units=capacity.index_units,
    )
    if not is_skipped:
        counted.read_units = capacity.read_units
        _add_log_bytes(meter.cloud, function, counted)
    return counted


def _add_log_bytes(cloud: OfflineCloud, function: str, counted: FunctionCount) -> None:
    lines = cloud.logs(function)
    metrics = [line for line in lines if EMBEDDED_METRICS in line]
    everything = _bytes(line.text for line in cloud.services.runtime.logs[function].group_lines())
    counted.metric_log_bytes = _bytes(line for line in metrics if OF_AN_INVOCATION in line)
    counted.order_metric_log_bytes = _bytes(metrics) - counted.metric_log_bytes
    counted.message_log_bytes = _bytes(lines) - _bytes(metrics)
    counted.platform_log_bytes = everything - _bytes(lines)


def _bytes(lines: Iterable[str]) -> int:
    return sum(len(line.encode()) for line in lines)


def _invocations(cloud: OfflineCloud) -> Counter[str]:
    minute = timedelta(minutes=1)
    end = cloud.clock.now().replace(second=0, microsecond=0) + minute
    counted: Counter[str] = Counter()
    for metric in cloud.metrics.known():
        if (metric.namespace, metric.name) == ("AWS/Lambda", "Invocations"):
            measured = cloud.metrics.measured(metric, end - timedelta(hours=2), end)
            counted[dict(metric.dimensions)["FunctionName"]] += int(sum(measured.values)) if measured else 0
    return counted


def _custom_metrics(cloud: OfflineCloud) -> set[Any]:
    return {metric for metric in cloud.metrics.known() if not metric.namespace.startswith("AWS/")}


def _scheduled(names: Names) -> set[str]:
    """Return the functions that a schedule starts."""
    return {
        names.function(service.name, function.module)
        for service in SERVICES
        for function in service.functions
        if isinstance(function.trigger, EveryMinute)
    }


def _stored_bytes(cloud: OfflineCloud, names: Names) -> int:
    """Return the bytes in all tables whose rows stay."""
    client = cloud.client("dynamodb")
    tables = [(service.name, table) for service in SERVICES for table in service.tables]
    expiring = {names.table(service, table.name) for service, table in tables if table.expires}
    total = 0
    for table in client.list_tables()["TableNames"]:
        if table not in expiring:
            pages = client.get_paginator("scan").paginate(TableName=table)
            items = [item for page in pages for item in page["Items"]]
            total += sum(item_bytes(item) + BYTES_PER_STORED_ITEM for item in items)
    return total
