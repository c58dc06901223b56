"""The counted requests and units, by path and by function."""

from collections.abc import Iterator

from msgspec import Struct, field


class FunctionCount(Struct, kw_only=True):
    """The work of one function for one order, with one message in each invocation."""

    invocations: int = 0
    """Lambda invocations; not those of a schedule, which happen without orders too."""
    messages: int = 0
    """Messages of its queue or records of its stream that were delivered to it."""
    calls: dict[str, int] = field(default_factory=dict)
    """AWS requests by name, as `dynamodb.PutItem`."""
    write_units: int = 0
    index_units: int = 0
    read_units: float = 0.0
    message_log_bytes: int = 0
    """Log lines about messages."""
    metric_log_bytes: int = 0
    """Embedded metrics of an invocation: a line for each type of fact in its batch."""
    order_metric_log_bytes: int = 0
    """Embedded metrics of one order, such as its revenue: a line each, in a batch of any size."""
    platform_log_bytes: int = 0
    """Lambda's own lines of each invocation."""

    @property
    def requests(self) -> int:
        """The number of AWS requests."""
        return sum(self.calls.values())


class PathCount(Struct, kw_only=True):
    """The requests and units of one order on its way to one outcome."""

    functions: dict[str, FunctionCount]
    http_requests: int
    events: int
    """Events on custom buses."""
    event_bytes: int
    publishes: int
    """Messages published to topics."""
    tables: dict[str, int]
    """Write units by table, and of its indexes as `table/indexes`."""
    metrics: int
    """Custom metrics as CloudWatch bills them: a name with its dimensions."""
    stream_payload_units: int = 0
    """Units of 25 KB that were put on the ordered stream; 0 in a stage without it."""
    stream_kibibytes: int = 0
    """The same events in kibibytes, each rounded up."""
    stored_bytes: int
    """Bytes that stay in tables without an expiry, with DynamoDB's 100 bytes for each item."""

    @property
    def requests(self) -> int:
        """The AWS requests of all functions."""
        return sum(each.requests for each in self.functions.values())

    @property
    def write_units(self) -> int:
        """The write units of tables and indexes."""
        return sum(each.write_units + each.index_units for each in self.functions.values())

    @property
    def read_units(self) -> float:
        """The read units of all functions."""
        return sum(each.read_units for each in self.functions.values())

    @property
    def invocations(self) -> int:
        """The invocations of all functions."""
        return sum(each.invocations for each in self.functions.values())


class Counts(Struct, kw_only=True):
    """Every path of an order, and what a stage without orders does."""

    paths: dict[str, PathCount]
    idle: PathCount
    """The work of schedules in some minutes; each function has one invocation a minute."""
    metrics: int
    """The different custom metrics of all paths together."""

    def functions(self) -> Iterator[str]:
        """Yield every function that does something, each once."""
        yield from dict.fromkeys(name for path in self.paths.values() for name in path.functions)
