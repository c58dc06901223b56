"""What differs between stages, read from cdk.json's context and checked before anything is built from it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from msgspec import Meta, Struct, ValidationError, convert

from infrastructure.names import Names

Count = Annotated[int, Meta(ge=1)]
StageName = Annotated[str, Meta(pattern="^[a-z][a-z0-9]{0,9}$")]
"""Short, because the longest names (roles, queues) must stay within AWS's 64 characters."""


class InvalidStageError(ValueError):
    """A stage's settings in cdk.json are not what the stacks need."""


class Alarms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How soon an alarm rings; a dead letter and a stalled stream are told apart from mere slowness."""

    evaluation_periods: Count
    dead_letters: Count
    message_age_seconds: Count
    iterator_age_seconds: Count


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


class Stage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One stage, as cdk.json describes it; what it does not say has no default."""

    name: StageName
    log_retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653]
    archive_retention_days: Count
    removal_policy: Literal["destroy", "retain"]
    point_in_time_recovery: bool
    deletion_protection: bool
    consumer_concurrency: Annotated[int, Meta(ge=2, le=1000)]
    alarms: Alarms
    api: Throttle
    token: Token
    ingress_sources: Annotated[tuple[str, ...], Meta(min_length=1)]
    sender_address: Annotated[str, Meta(pattern="^[^@ ]+@[^@ ]+$")]

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
