"""The row of Google Pub/Sub in the setting `bridges`. No CDK."""

from typing import Annotated

from msgspec import Meta, field

from infrastructure.bridge_settings import LOCAL, Bridge
from infrastructure.services import Topology

PubsubTopic = Annotated[
    str, Meta(pattern="^projects/[a-z][a-z0-9-]{4,28}[a-z0-9]/topics/[A-Za-z][A-Za-z0-9._~%+-]{2,254}$")
]
IdentityProvider = Annotated[
    str,
    Meta(
        pattern="^//iam.googleapis.com/projects/[0-9]+/locations/global"
        "/workloadIdentityPools/[a-z0-9-]+/providers/[a-z0-9-]+$"
    ),
]
"""The provider of a workload identity pool that trusts this account."""
PubsubUrl = Annotated[str, Meta(pattern=rf"^(https://([a-z0-9-]+-)?pubsub\.googleapis\.com|{LOCAL})$")]
"""Pub/Sub's endpoint, or that of one region."""
GoogleTokenUrl = Annotated[str, Meta(pattern=rf"^(https://sts\.googleapis\.com|{LOCAL})/v1/token$")]
ServiceAccount = Annotated[str, Meta(pattern=r"^[a-z0-9-]+@[a-z0-9.-]+\.gserviceaccount\.com$")]


class PubsubBridge(Bridge, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A topic of Google Pub/Sub, and a subscription that pushes (docs/neighbours/pubsub.md)."""

    topic: PubsubTopic | None = None
    """Null: nothing is published, and the other settings of what goes out are null too."""
    other_topics: dict[str, PubsubTopic] = field(default_factory=dict)
    """The topic of each fact that does not go to `topic`."""
    identity_provider: IdentityProvider | None = None
    endpoint: PubsubUrl | None = None
    token_url: GoogleTokenUrl | None = None
    push_service_account: ServiceAccount | None
    """The account whose subscription may push events; null: nothing comes in."""

    @property
    def sends(self) -> bool:
        """Whether it has a topic for facts."""
        return self.topic is not None

    @property
    def takes_in(self) -> bool:
        """Whether a subscription pushes events."""
        return self.push_service_account is not None

    def check(self, name: str, topology: Topology) -> None:
        """Raise ValueError for half of the settings of a direction, or an unsent fact with a topic, too."""
        super().check(name, topology)
        outward = (self.topic, self.identity_provider, self.endpoint, self.token_url)
        if None in outward and any((*outward, self.other_topics)):
            raise ValueError(
                f"bridges.{name} publishes with topic, identity_provider, endpoint and token_url:"
                " set all four, or none and no other_topics"
            )
        sent = self.facts or tuple(fact.name for fact in topology.own_facts)
        if unknown := sorted(self.other_topics.keys() - set(sent)):
            raise ValueError(f"bridges.{name}.other_topics: {', '.join(unknown)} is not sent; remove it")
