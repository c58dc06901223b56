"""State shared by all services: clock, scheduler, journal, metrics, access control and moto's stores."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from moto.awslambda.models import LambdaBackend, lambda_backends
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.table import StreamShard
from moto.events.models import EventsBackend, events_backends
from moto.sns.models import SNSBackend, sns_backends
from moto.sqs.models import SQSBackend, sqs_backends

from pocketcloud.cloudwatch.metrics import Metrics
from pocketcloud.core.journal import Journal
from pocketcloud.core.stubs import Stubs
from pocketcloud.iam.access import AccessControl
from pocketcloud.iam.access_request import AccountRegion
from pocketcloud.virtual_time.clock import Clock
from pocketcloud.virtual_time.latency import Latency, spread
from pocketcloud.virtual_time.scheduler import Scheduler

ACCOUNT = "123456789012"
REGION = "eu-west-1"


class UnsupportedOfflineError(NotImplementedError):
    """The feature exists on AWS but not in the offline cloud; raised on creation or use."""


@dataclass
class Engine:
    """The shared state of one offline cloud."""

    clock: Clock
    scheduler: Scheduler
    journal: Journal
    account: str = ACCOUNT
    region: str = REGION
    latency: Latency = Latency.PUBLISHED
    retry_after: timedelta | None = None
    """If set, retry every failed delivery from a queue or a stream after exactly this delay."""
    outages: set[str] = field(default_factory=set)
    """Resources (`topic/…`, `queue/…`, `bus/…`) that fail every delivery with a server error."""
    closed_streams: dict[str, StreamShard] = field(default_factory=dict)
    """The streams of deleted tables by ARN, which stay readable for a day."""
    running: list[str] = field(default_factory=list)
    """Functions that are running now, innermost last."""
    access: AccessControl = field(init=False)
    """IAM authorization."""
    stubs: Stubs = field(default_factory=Stubs)
    """Placeholders for resources of unsupported types."""
    metrics: Metrics = field(init=False)
    """CloudWatch's metrics."""
    _acting: str = "client"

    def __post_init__(self) -> None:
        self.metrics = Metrics(self.clock)
        self.access = AccessControl(self.clock, AccountRegion(self.account, self.region))

    def actor(self) -> str:
        """Return the caller: the running function, a resource that acts, or `client`."""
        return f"function/{self.running[-1]}" if self.running else self._acting

    @contextmanager
    def acting(self, label: str) -> Iterator[None]:
        """Attribute calls in the block to this resource rather than to a client."""
        before, self._acting = self._acting, label
        try:
            yield
        finally:
            self._acting = before

    def spread(self, median: timedelta) -> timedelta:
        """Return a random duration around the median; the seed determines it."""
        return spread(median, self.scheduler.random)

    def delivery_delay(self, median: timedelta) -> timedelta:
        """Return the latency of one delivery between services: random around the median, or none."""
        return self.spread(median) if self.latency is Latency.PUBLISHED else timedelta()

    # Look the backends up on each access: moto replaces them on reset.
    @property
    def events(self) -> EventsBackend:
        """EventBridge's store."""
        return events_backends[self.account][self.region]

    @property
    def sns(self) -> SNSBackend:
        """SNS's store."""
        return sns_backends[self.account][self.region]

    @property
    def sqs(self) -> SQSBackend:
        """SQS's store."""
        return sqs_backends[self.account][self.region]

    @property
    def dynamodb(self) -> DynamoDBBackend:
        """DynamoDB's store."""
        return dynamodb_backends[self.account][self.region]

    @property
    def functions(self) -> LambdaBackend:
        """Lambda's store."""
        return lambda_backends[self.account][self.region]


def function_in(arn: str) -> str:
    """Return the function's name from an ARN or `name:qualifier`, without version or alias."""
    return arn.rsplit(":function:", 1)[-1].partition(":")[0]


def name_in(arn: str) -> str:
    """Return the resource name at the end of an ARN."""
    return arn.rsplit(":", 1)[-1].rsplit("/", 1)[-1]
