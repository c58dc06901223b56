"""What differs between stages, read from cdk.json's context and checked before anything is built from it."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Annotated, Any, Literal, Self

from msgspec import Meta, Struct, ValidationError, convert

from infrastructure import topology
from infrastructure.names import Names

Count = Annotated[int, Meta(ge=1)]
StageName = Annotated[str, Meta(pattern="^[a-z][a-z0-9]{0,9}$")]
"""Short, because the longest names (roles, queues) must stay within AWS's 64 characters."""


AccountId = Annotated[str, Meta(pattern="^[0-9]{12}$")]
EventSource = Annotated[str, Meta(pattern=r"^(?!aws\.)[A-Za-z0-9._/-]{1,256}$")]
"""An EventBridge source; those that begin with `aws.` are AWS's own."""
EventBusArn = Annotated[
    str, Meta(pattern=r"^arn:aws(-cn|-us-gov)?:events:[a-z0-9-]+:[0-9]{12}:event-bus/[A-Za-z0-9._/-]{1,256}$")
]
HotSkus = Annotated[
    dict[Annotated[str, Meta(pattern="^[A-Z0-9][A-Z0-9-]{0,39}$")], Annotated[int, Meta(ge=1, le=10)]],
    Meta(max_length=40),
]
"""Into how many rows an article's stock is split; so few articles fit a function's environment (4 KB)."""
GatewayUrl = Annotated[
    str, Meta(pattern=r"^(https://[a-z0-9.-]+(:[0-9]{1,5})?|http://127\.0\.0\.1:[0-9]{1,5})$")
]
"""An origin; without encryption only on this very machine."""
Deployment = Literal[
    "all_at_once",
    "canary_10_percent_5_minutes",
    "canary_10_percent_10_minutes",
    "canary_10_percent_15_minutes",
    "canary_10_percent_30_minutes",
]
"""How a new version of a function takes over; the canaries are CodeDeploy's predefined ones."""
Origin = Annotated[
    str, Meta(pattern=r"^(\*|https://[a-z0-9.-]+(:[0-9]{1,5})?|http://localhost(:[0-9]{1,5})?)$")
]
"""As a browser names it: no path; `*` is every page there is, and nobody means it by accident."""
EmailAddress = Annotated[str, Meta(pattern="^[^@ ]+@[^@ ]+$")]


class InvalidStageError(ValueError):
    """A stage's settings in cdk.json are not what the stacks need."""


class Alarms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How soon an alarm rings; a dead letter and a stalled stream are told apart from mere slowness."""

    evaluation_periods: Count
    dead_letters: Count
    message_age_seconds: Count
    iterator_age_seconds: Count
    event_age_seconds: Count
    """From a fact's being stated to its being handled, by every service."""
    function_errors: Count
    function_throttles: Count
    retries: Count
    declined_percent: Annotated[int, Meta(ge=1, le=100)]
    """The share of charges that are declined, in every five minutes of half an hour."""
    order_volume_deviations: Annotated[int, Meta(ge=1)] | None
    """How far from the expected number of orders is out of the ordinary; null where nothing is expected."""


class Throttle(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many requests a second the HTTP API takes, and how many at once."""

    rate_limit: Count
    burst_limit: Count


class Token(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose access tokens the HTTP API takes; all null means a Cognito user pool of our own."""

    issuer: str | None
    audience: str | None
    scope: str | None

    def __post_init__(self) -> None:
        """Refuse an issuer without its audience and scope: it would let other clients' tokens in."""
        given = [value for value in (self.issuer, self.audience, self.scope) if value]
        if len(given) not in {0, 3}:
            raise ValueError("token needs issuer, audience and scope together, or none of them")


class IngressAccount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another AWS account that may put events of these sources on the ingress bus, and of no others."""

    account: AccountId
    sources: Annotated[tuple[EventSource, ...], Meta(min_length=1)]


class Forward(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Facts of ours that another bus gets, as a rule in another account; its policy must admit us."""

    facts: Annotated[tuple[str, ...], Meta(min_length=1)]
    event_bus_arn: EventBusArn

    @property
    def key(self) -> str:
        """The bus in a name: its account to be read, a digest of its whole ARN to be unique."""
        return f"{self.event_bus_arn.split(':')[4]}-{sha256(self.event_bus_arn.encode()).hexdigest()[:8]}"

    def __post_init__(self) -> None:
        """Refuse what is no fact of ours: nothing would ever match it."""
        ours = {fact.name for fact in topology.FACTS if not topology.from_outside(fact)}
        unknown = sorted(set(self.facts) - ours)
        if unknown:
            raise ValueError(f"forward names what no service of ours states: {', '.join(unknown)}")


class Stage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One stage, as cdk.json describes it; what it does not say has no default."""

    name: StageName
    log_retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653]
    success_log_rate: Annotated[float, Meta(ge=0, le=1)]
    """The share of traces of which every function logs what went well, and not only what did not."""
    archive_retention_days: Count
    removal_policy: Literal["destroy", "retain"]
    point_in_time_recovery: bool
    deletion_protection: bool
    order_timeout_minutes: Count
    """How long an order may take from its creation to its shipment, before it is cancelled."""
    consumer_concurrency: Annotated[int, Meta(ge=2, le=1000)]
    deployment: Deployment
    alarms: Alarms
    dashboards: bool
    """Whether there is a page for the business and one for each service, at three dollars a month each."""
    api: Throttle
    token: Token
    allowed_origins: tuple[Origin, ...]
    """The pages whose scripts a browser lets call the HTTP API; none, where no client is a page elsewhere."""
    hot_skus: HotSkus
    """Those that sell too fast for one row; one that has cooled down stays, with 1 (docs/decisions/0021)."""
    ingress_sources: Annotated[tuple[EventSource, ...], Meta(min_length=1)]
    ingress_accounts: tuple[IngressAccount, ...]
    forward: tuple[Forward, ...]
    gateway: Literal["simulated", "stripe"]
    """The payment gateway: one of our own that moves no money, or Stripe."""
    gateway_url: GatewayUrl | None
    """Where Stripe answers, if not at its own address: a test server on this machine."""
    sender_address: EmailAddress
    sender_identity: Literal["create", "existing"]
    """Whether SES's identity of it is made by the stack, or is in the account, or its domain's is."""
    alarm_email: EmailAddress | None
    """Who is told by mail when an alarm goes off; null where people subscribe by themselves."""

    def __post_init__(self) -> None:
        """Refuse what says one thing twice, a source of ours, and a canary too short for its alarms."""
        ours = sorted({service.name for service in topology.SERVICES} & set(self.all_ingress_sources))
        if ours:
            raise ValueError(f"no outside producer may pass for a service of ours: {', '.join(ours)}")
        _refuse_twice("ingress_accounts", [entry.account for entry in self.ingress_accounts])
        _refuse_twice("forward", [entry.event_bus_arn for entry in self.forward])
        if self.gateway_url and self.gateway == "simulated":
            raise ValueError("gateway_url is of no use to the simulated gateway")
        minutes = int(self.deployment.split("_")[3]) if self.canary else None
        if minutes is not None and self.alarms.evaluation_periods >= minutes:
            raise ValueError(
                f"{self.deployment} is over before alarms.evaluation_periods of a minute each are"
            )

    @property
    def canary(self) -> str | None:
        """The canary that a new version goes through, or None if it takes over at once."""
        return None if self.deployment == "all_at_once" else self.deployment

    @property
    def all_ingress_sources(self) -> tuple[str, ...]:
        """Every source anybody may use on the ingress bus, each once."""
        others = (source for entry in self.ingress_accounts for source in entry.sources)
        return tuple(dict.fromkeys((*self.ingress_sources, *others)))

    @property
    def names(self) -> Names:
        """The names of this stage's resources."""
        return Names(self.name)

    @property
    def tags(self) -> dict[str, str]:
        """What CloudFormation tags every resource of this stage with."""
        return {"application": "orderbus", "stage": self.name}

    @classmethod
    def parse(cls, name: str, stages: Mapping[str, Mapping[str, Any]]) -> Self:
        """The stage of that name, or InvalidStageError naming the key that is unknown, missing or wrong."""
        if name not in stages:
            raise InvalidStageError(f"cdk.json has no stage {name!r}; it has {', '.join(sorted(stages))}")
        try:
            return convert({**stages[name], "name": name}, cls)
        except ValidationError as error:
            raise InvalidStageError(f"stage {name!r} in cdk.json: {error}") from error


def _refuse_twice(setting: str, keys: Sequence[str]) -> None:
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise ValueError(f"{setting} has more than one entry for {', '.join(twice)}")
