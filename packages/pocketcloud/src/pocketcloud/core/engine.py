"""What all parts of the offline cloud share: time, chance, the journal, and moto's stores."""

from dataclasses import dataclass, field
from datetime import timedelta

from moto.awslambda.models import LambdaBackend, lambda_backends
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.events.models import EventsBackend, events_backends
from moto.sns.models import SNSBackend, sns_backends
from moto.sqs.models import SQSBackend, sqs_backends

from pocketcloud.cloudwatch.metrics import Metrics
from pocketcloud.core.journal import Journal
from pocketcloud.iam.access import AccessControl
from pocketcloud.iam.access_request import AccountRegion
from pocketcloud.virtual_time.clock import Clock
from pocketcloud.virtual_time.latency import spread
from pocketcloud.virtual_time.scheduler import Scheduler

ACCOUNT = "123456789012"
REGION = "eu-west-1"


class UnsupportedOfflineError(NotImplementedError):
    """AWS can do this, the offline cloud cannot: refused by name when it is created, never skipped."""


@dataclass
class Engine:
    """The shared state of one offline cloud."""

    clock: Clock
    scheduler: Scheduler
    journal: Journal
    account: str = ACCOUNT
    region: str = REGION
    retry_after: timedelta | None = None
    """If set, every failed delivery from a queue or a stream comes again after exactly this long."""
    outages: set[str] = field(default_factory=set)
    """Resources (`topic/…`, `queue/…`, `bus/…`) that answer every delivery with a server error for now."""
    running: list[str] = field(default_factory=list)
    """The functions that run at this moment, the innermost last."""
    access: AccessControl = field(init=False)
    """Who may do what."""
    metrics: Metrics = field(init=False)
    """CloudWatch's metrics."""

    def __post_init__(self) -> None:
        self.metrics = Metrics(self.clock)
        self.access = AccessControl(self.clock, AccountRegion(self.account, self.region))

    def actor(self) -> str:
        """Who is calling: the function that runs, or a client outside."""
        return f"function/{self.running[-1]}" if self.running else "client"

    def spread(self, median: timedelta) -> timedelta:
        """A hop's duration, by the seed."""
        return spread(median, self.scheduler.random)

    # Read anew each time: moto replaces its backends when it is reset.
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
    """The function's name in its ARN or in `name:qualifier`, without the version or alias behind it."""
    return arn.rsplit(":function:", 1)[-1].partition(":")[0]


def name_in(arn: str) -> str:
    """The resource's name at the end of an ARN."""
    return arn.rsplit(":", 1)[-1].rsplit("/", 1)[-1]
