"""Every limit of a stage and of a new account, from the counted requests, the templates and the quotas."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from cli.cost.counting.capacity_meter import TRANSACTION_FACTOR
from cli.cost.counting.counts import Counts, PathCount
from cli.cost.queueing import Limit
from cli.cost.quotas import quotas_of
from cli.cost.usage import MAXIMUM_ENTRIES, PUT_EVENTS, RELAY, Scenario, invocations_of, milliseconds_of
from infrastructure.topology import SERVICES

NEW_TABLE_PARTITIONS = 4
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html"""
MS_PER_SECOND = 1000
QUERY = "dynamodb.Query"
EVENT_LOG = "event-log"
SALES = "sales"
SHARD_KEY = "open_in"
"""The attribute with the shard of an open order or payment."""
_Quantity = Callable[[PathCount], float]


@dataclass(frozen=True, slots=True)
class AverageOrder:
    """Quantities of an average order of the mix."""

    counts: Counts
    shares: Mapping[str, float]
    scenario: Scenario

    def of(self, quantity: _Quantity) -> float:
        """Return the mean of a quantity over the paths."""
        return sum(quantity(self.counts.paths[name]) * share for name, share in self.shares.items())

    def milliseconds(self, function: str) -> float:
        """Return a function's time for one order."""
        return self.of(lambda path: self._of_function(path, function, milliseconds_of))

    def invocations(self, function: str) -> float:
        """Return a function's invocations for one order."""
        return self.of(lambda path: self._of_function(path, function, invocations_of))

    def units(self, table: str) -> float:
        """Return the write units of a table for one order."""
        return self.of(lambda path: path.tables.get(table, 0))

    def _of_function(self, path: PathCount, function: str, measure: Callable[..., float]) -> float:
        counted = path.functions.get(function)
        return measure(function, counted, self.scenario) if counted else 0.0


def limits_of(counts: Counts, shares: Mapping[str, float], scenario: Scenario, region: str) -> list[Limit]:
    """Return every limit, the lowest first."""
    order, quotas = AverageOrder(counts, shares, scenario), quotas_of(region)
    limits = [
        *_entry_limits(order, quotas),
        *_consumer_limits(order),
        _relay_limit(order),
        *_table_limits(order, quotas),
        *_account_limits(order, quotas),
    ]
    needed = [limit for limit in limits if limit is not None]
    return sorted(needed, key=lambda limit: limit.orders_per_second)


def _entry_limits(order: AverageOrder, quotas: Mapping[str, int]) -> Iterator[Limit | None]:
    requests = order.of(lambda path: path.http_requests)
    emails = order.of(lambda path: sum(f.calls.get("sesv2.SendEmail", 0) for f in path.functions.values()))
    yield _limit("emails", "SES sending rate", quotas["ses_emails"], emails, "a higher sending rate of SES")
    rate = order.scenario.stage.api_rate_limit
    yield _limit("HTTP API of the stage", "`api.rate_limit`", rate, requests, "the setting")
    account = quotas["api_requests"]
    yield _limit("HTTP APIs of the account", "API Gateway requests", account, requests, "the quota")


def _consumer_limits(order: AverageOrder) -> Iterator[Limit]:
    for name, template in order.scenario.stage.functions.items():
        milliseconds = order.milliseconds(name)
        if not template.is_queue_consumer or not milliseconds or template.concurrency is None:
            continue
        yield Limit(
            name=f"consumer {name}",
            setting="`consumer_concurrency`",
            value=template.concurrency,
            orders_per_second=template.concurrency * MS_PER_SECOND / milliseconds,
            lifted_by="the setting; larger batches",
            service_ms=milliseconds / order.invocations(name),
            servers=template.concurrency,
        )


def _relay_limit(order: AverageOrder) -> Limit:
    """Each shard of the stream, with its parallelization factor, publishes full batches one by one."""
    template, assumed = order.scenario.stage.functions[RELAY], order.scenario.assumptions
    batch, factor = template.batch_size or 1, template.concurrency or 1
    requests = -(-batch // MAXIMUM_ENTRIES)
    batch_ms = assumed.milliseconds["invocation"] + requests * assumed.call_ms(PUT_EVENTS)
    readers = NEW_TABLE_PARTITIONS * factor
    records = order.of(lambda path: path.functions[RELAY].messages)
    return Limit(
        name="relay",
        setting="readers of the event log's stream",
        value=readers,
        orders_per_second=readers * batch * MS_PER_SECOND / batch_ms / records,
        lifted_by="`relay_parallelization`, more partitions",
        service_ms=batch_ms,
        servers=readers,
    )


def _table_limits(order: AverageOrder, quotas: Mapping[str, int]) -> Iterator[Limit | None]:
    partition = quotas["dynamodb_partition_writes"]
    yield _limit(
        "one SKU in every order", "rows of its stock", partition, TRANSACTION_FACTOR, "`hot_skus`", value=1
    )
    sales = order.units(SALES)
    shards = order.scenario.stage.sales_shards
    yield _limit("sales of a day", "`sales_shards`", shards * partition, sales, "the setting", value=shards)
    for place in _sharded():
        yield _shard_limit(order, place, partition)
    log = order.units(EVENT_LOG)
    new, full = quotas["dynamodb_new_table_writes"], quotas["dynamodb_table_writes"]
    yield _limit("event log, new table", "write units a second", new, log, "warm throughput")
    yield _limit("event log", "write units a second", full, log, "the quota; several stages")


def _sharded() -> list[str]:
    """Return the tables and indexes of open items, as PathCount names them."""
    tables = [table for service in SERVICES for table in service.tables]
    return [
        *(table.name for table in tables if table.partition_key == SHARD_KEY),
        *(
            f"{table.name}/indexes"
            for table in tables
            if any(index.partition_key == SHARD_KEY for index in table.indexes)
        ),
    ]


def _shard_limit(order: AverageOrder, place: str, partition: int) -> Limit | None:
    """A sweep asks each shard once, so that the idle minutes show their number."""
    idle = order.counts.idle.functions.values()
    shards = max(each.calls.get(QUERY, 0) // each.invocations for each in idle if each.invocations)
    name = f"open items in {place}"
    return _limit(name, "shards", shards * partition, order.units(place), "more shards", value=shards)


def _account_limits(order: AverageOrder, quotas: Mapping[str, int]) -> Iterator[Limit | None]:
    functions = order.scenario.stage.functions
    busy_seconds = sum(map(order.milliseconds, functions)) / MS_PER_SECOND
    events = order.of(lambda path: path.events)
    publishes = order.of(lambda path: path.publishes)
    puts = order.of(lambda path: path.functions[RELAY].messages) / min(
        order.scenario.batch(RELAY), MAXIMUM_ENTRIES
    )
    quota = "the quota"
    yield _limit("Lambda", "concurrent executions", quotas["lambda_concurrency"], busy_seconds, quota)
    yield _limit("SNS", "publishes", quotas["sns_publishes"], publishes, f"{quota}; rules straight to queues")
    yield _limit("PutEvents", "requests", quotas["eventbridge_put_events"], puts, f"{quota}; larger batches")
    # The archive is a target of a rule, too.
    invocations = quotas["eventbridge_invocations"]
    yield _limit("EventBridge targets", "invocations", invocations, publishes + events, "several accounts")


def _limit(  # noqa: PLR0913 - a limit has that many parts
    name: str, setting: str, available: float, per_order: float, lifted_by: str, *, value: int | None = None
) -> Limit | None:
    """Return the limit; None if an order needs nothing of it."""
    if not per_order:
        return None
    return Limit(
        name=name,
        setting=setting,
        value=round(available) if value is None else value,
        orders_per_second=available / per_order,
        lifted_by=lifted_by,
    )
