"""The settings of a stage, read from cdk.json and checked before any stack is built. No CDK."""

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Annotated, Literal

from msgspec import Meta, Struct

from infrastructure.bridge_settings import Bridges
from infrastructure.protection_settings import Backup, DataEvents, DomainName, EdgeSettings
from infrastructure.services import Topology

Count = Annotated[int, Meta(ge=1)]
StageName = Annotated[str, Meta(pattern="^[a-z][a-z0-9]{0,9}$")]
"""Short: the longest names (roles, queues) must stay within AWS's 64 characters."""
AccountId = Annotated[str, Meta(pattern="^[0-9]{12}$")]
EventSource = Annotated[str, Meta(pattern=r"^(?!aws\.)[A-Za-z0-9._/-]{1,256}$")]
"""An EventBridge source; AWS reserves those that begin with `aws.`."""
EventBusArn = Annotated[
    str, Meta(pattern=r"^arn:aws(-cn|-us-gov)?:events:[a-z0-9-]+:[0-9]{12}:event-bus/[A-Za-z0-9._/-]{1,256}$")
]
Deployment = Literal[
    "all_at_once",
    "canary_10_percent_5_minutes",
    "canary_10_percent_10_minutes",
    "canary_10_percent_15_minutes",
    "canary_10_percent_30_minutes",
]
"""The deployment of a new version of a function; the canaries are CodeDeploy's predefined ones."""
Origin = Annotated[
    str, Meta(pattern=r"^(\*|https://[a-z0-9.-]+(:[0-9]{1,5})?|http://localhost(:[0-9]{1,5})?)$")
]
"""A browser's origin, without a path; `*` is every page."""
StreamLabel = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+$")]
"""The end of a table stream's ARN: `2026-11-29T01:02:03.456`."""
EmailAddress = Annotated[str, Meta(pattern="^[^@ ]+@[^@ ]+$")]
OPERATORS = "operators"
"""The group of a user pool whose tokens are operators'."""
_RESERVED = re.compile(r"[@.](example(\.(com|net|org))?|test|invalid|localhost)$", re.IGNORECASE)
"""The domains that nobody can own: https://www.rfc-editor.org/rfc/rfc2606"""


class AlarmSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The alarms of a stage, and their thresholds."""

    selection: Literal["all", "essential"]
    """`essential`: only those that say that an event, an order or a request is lost or waits for a person."""
    evaluation_periods: Count
    dead_letters: Count
    message_age_seconds: Count
    iterator_age_seconds: Count
    event_age_seconds: Count
    """From a fact's publication to its handling, by every service."""
    function_errors: Count
    function_throttles: Count
    retries: Count


class Throttle(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The requests that the HTTP API accepts, in a second and at once."""

    rate_limit: Count
    burst_limit: Count


class CustomDomain(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The only address of the HTTP API, with a certificate of the stage's own region."""

    name: DomainName
    certificate_arn: Annotated[
        str, Meta(pattern=r"^arn:aws(-cn|-us-gov)?:acm:[a-z0-9-]+:[0-9]{12}:certificate/[a-f0-9-]{36}$")
    ]


class TableCapacity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Provisioned read and write units of each table and index, scaled between two bounds."""

    minimum_units: Count
    maximum_units: Count
    target_percent: Annotated[int, Meta(ge=20, le=90)]
    """The share of the provisioned units that is in use; AWS allows 20 to 90."""

    def __post_init__(self) -> None:
        """Reject bounds in the wrong order."""
        if self.minimum_units > self.maximum_units:
            raise ValueError("table_capacity: minimum_units is above maximum_units; swap them")


class Token(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The access tokens that the HTTP API accepts; all null means a Cognito user pool in the API's stack."""

    issuer: str | None
    audience: str | None
    scope: str | None
    operator_scope: str | None
    """The scope of an operator's access token; null with a user pool, whose operators are a group."""
    verified_email: bool
    """Whether an order's address must be the token's `email` claim, with `email_verified`."""

    def __post_init__(self) -> None:
        """Reject an issuer without its audience and scope: other clients' tokens would be valid."""
        given = [value for value in (self.issuer, self.audience, self.scope) if value]
        if len(given) not in {0, 3}:
            raise ValueError("token needs issuer, audience and scope together, or none of them")
        if self.operator_scope and (not given or self.operator_scope == self.scope):
            raise ValueError("token.operator_scope is another scope of token.issuer: no customer may have it")
        if self.verified_email and not given:
            raise ValueError(
                "token.verified_email needs an issuer that puts `email` into access tokens:"
                " Cognito does not, so set it to false or name another issuer"
            )


class IngressAccount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another AWS account that may put events of these sources on the ingress bus, and of no others."""

    account: AccountId
    sources: Annotated[tuple[EventSource, ...], Meta(min_length=1)]


class Forward(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Facts that a rule sends to another bus; the policy of a bus in another account must allow that."""

    facts: Annotated[tuple[str, ...], Meta(min_length=1)]
    event_bus_arn: EventBusArn

    @property
    def key(self) -> str:
        """The bus in a name: its account, which people read, and a digest of its ARN, which is unique."""
        return f"{self.event_bus_arn.split(':')[4]}-{sha256(self.event_bus_arn.encode()).hexdigest()[:8]}"


class OrderedStream(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The Kinesis stream of every event."""

    shards: Count | None
    """Provisioned shards, each for 1,000 events or 1 MiB a second; null: on demand."""
    retention_hours: Annotated[int, Meta(ge=24, le=8760)]


LogDays = Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653]
"""The retentions that CloudWatch Logs accepts.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
"""


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of one stage; none has a default."""

    name: StageName
    log_retention_days: LogDays
    access_log_retention_days: LogDays
    """The access log names callers, so it is kept for less time than other logs."""
    success_log_rate: Annotated[float, Meta(ge=0, le=1)]
    """The share of orders of which every function logs successes too, not only failures."""
    platform_log_level: Literal["INFO", "WARN"]
    """Whether Lambda logs the start and the report of every invocation, or only what goes wrong."""
    tracing: Literal["active", "pass_through"]
    """Whether functions write X-Ray segments; `pass_through`: not even if a caller asks for it."""
    snap_start: bool
    """Whether Lambda restores a snapshot of each initialised function instead of starting it cold."""
    archive_retention_days: Count
    removal_policy: Literal["destroy", "retain"]
    point_in_time_recovery: bool
    deletion_protection: bool
    production: bool
    """Whether customers rely on the stage: its stacks are protected, and a synthesis needs every setting."""
    permissions_boundary: bool
    """Whether every role gets the stage's permissions boundary, which exists before the first deployment."""
    encryption_key: bool
    """Whether a customer-managed key encrypts what the stage stores, and not keys that AWS owns."""
    backup: Backup | None
    """Daily copies of the tables in AWS Backup; null: none."""
    data_events: DataEvents | None
    """A trail of what anyone but the stage's functions writes to its resources; null: none."""
    table_capacity: TableCapacity | None
    """Provisioned capacity, cheaper under a steady load; null: on demand."""
    consumer_concurrency: Annotated[int, Meta(ge=2, le=1000)]
    batching_seconds: dict[str, Annotated[int, Meta(ge=0, le=300)]]
    """Batching window of each consumer that nobody waits for; 0 for none.

    https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
    """
    relay_parallelization: Annotated[int, Meta(ge=1, le=10)]
    """Batches of one shard of the event log that the relay publishes at once, each of other keys."""
    deployment: Deployment
    alarms: AlarmSettings
    dashboards: bool
    """Whether there are dashboards, at three dollars a month each."""
    api: Throttle
    domain: CustomDomain | None
    """A domain in front of the HTTP API, whose own endpoint is then disabled; null: that endpoint."""
    edge: EdgeSettings | None
    """CloudFront with a web ACL in front of the domain, which then accepts nobody else; null: none."""
    token: Token
    allowed_origins: tuple[Origin, ...]
    """The pages that may call the HTTP API from a browser (CORS)."""
    ingress_sources: Annotated[tuple[EventSource, ...], Meta(min_length=1)]
    ingress_accounts: tuple[IngressAccount, ...]
    forward: tuple[Forward, ...]
    ordered_stream: OrderedStream | None
    """A stream of every event, ordered by aggregate, with its consumers; null: none of them."""
    restored_streams: Mapping[str, StreamLabel]
    """The new stream of each table that was restored and has one, by the end of the table's name."""
    bridges: Bridges
    """The other brokers with which the stage exchanges events; empty: none."""
    alarm_email: EmailAddress | None
    """The address that gets alarms by email; null if people subscribe by themselves."""

    def __post_init__(self) -> None:
        """Reject duplicates, and a canary that ends before its alarms can fire."""
        _reject_duplicates("ingress_accounts", [entry.account for entry in self.ingress_accounts])
        _reject_duplicates("forward", [entry.event_bus_arn for entry in self.forward])
        if self.edge and (self.domain is None or self.domain.name == self.edge.name):
            raise ValueError("edge needs a domain of another name, which is its origin: set domain")
        if self.alarms.selection == "essential" and (self.canary or self.dashboards):
            raise ValueError(
                "canaries and dashboards read alarms that are not essential: set alarms.selection to all"
            )
        minutes = int(self.deployment.split("_")[3]) if self.canary else None
        if minutes is not None and self.alarms.evaluation_periods >= minutes:
            raise ValueError(
                f"{self.deployment} ends before alarms.evaluation_periods"
                f" ({self.alarms.evaluation_periods} minutes): lower it, or take a longer canary"
            )

    def check(self, topology: Topology) -> None:
        """Raise ValueError if an outside producer claims a service's source, or a forward is unknown."""
        services = {service.name for service in (*topology.services, *topology.monitors)}
        if claimed := sorted(services & set(self.all_ingress_sources)):
            raise ValueError(f"ingress sources must not be services: remove {', '.join(claimed)}")
        forwarded = {fact for entry in self.forward for fact in entry.facts}
        if unknown := sorted(forwarded - {fact.name for fact in topology.own_facts}):
            raise ValueError(f"no service publishes the forwarded facts {', '.join(unknown)}: remove them")
        waiting = {service.name for service in topology.consumers if service.queue.may_wait}
        if wrong := sorted(waiting ^ set(self.batching_seconds)):
            expected = ", ".join(sorted(waiting)) or "nobody"
            raise ValueError(f"batching_seconds is of {expected}: add or remove {', '.join(wrong)}")
        tables = (table for service in topology.services for table in service.tables)
        streamed = {"event-log", *(table.name for table in tables if table.streams)}
        if unknown := sorted(self.restored_streams.keys() - streamed):
            known = ", ".join(sorted(streamed))
            raise ValueError(f"restored_streams: no stream of {', '.join(unknown)} is read, only of {known}")
        for_operators = [route for each in topology.stream_consumers for route in each.operator_routes]
        if self.ordered_stream and for_operators and self.token.issuer and not self.token.operator_scope:
            raise ValueError(f"{for_operators[0]} needs token.operator_scope: name the scope of operators")
        self.bridges.check(topology, has_stream=self.ordered_stream is not None)

    @property
    def unfinished(self) -> dict[str, str]:
        """Return the settings that do not suit production, each with what to do; empty for other stages."""
        if not self.production or (self.alarm_email and not is_example(self.alarm_email)):
            return {}
        return {"alarm_email": "nobody receives alarms: name an address that people read"}

    @property
    def verified_email(self) -> str | None:
        """`required` if a token must prove the address of an order, or None."""
        return "required" if self.token.verified_email else None

    @property
    def operator_group(self) -> str | None:
        """The group of operators in the stage's own user pool, or None with another issuer."""
        return None if self.token.issuer else OPERATORS

    @property
    def canary(self) -> str | None:
        """The canary that a new version goes through, or None if it takes over at once."""
        return None if self.deployment == "all_at_once" else self.deployment

    @property
    def all_ingress_sources(self) -> tuple[str, ...]:
        """Every source that anyone may use on the ingress bus, each once."""
        others = (source for entry in self.ingress_accounts for source in entry.sources)
        return tuple(dict.fromkeys((*self.ingress_sources, *others)))


def is_example(address: str) -> bool:
    """Whether the address belongs to a domain that is reserved for examples and tests."""
    return _RESERVED.search(address) is not None


def _reject_duplicates(setting: str, keys: Sequence[str]) -> None:
    if repeated := sorted({key for key in keys if keys.count(key) > 1}):
        raise ValueError(f"{setting} has more than one entry for {', '.join(repeated)}: merge them")
