"""An event source mapping from a topic of Kafka, as moto stores it.

https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html
"""

from collections.abc import Mapping
from typing import Any

from moto.awslambda.models import EventSourceMapping, LambdaBackend

from pocketcloud.awslambda.unchecked_mapping import UncheckedMapping

RETRIES_WITH_A_DESTINATION = 10
"""The number that Lambda uses for infinite retries: https://docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure-destination.html."""


class TopicMapping(UncheckedMapping):
    """A mapping from a cluster of Amazon MSK, or from one outside AWS, whose ARN no response shows."""

    @property
    def cluster_arn(self) -> str | None:
        """The ARN of the cluster; None for one outside AWS."""
        return None if self.self_managed_event_source else self.event_source_arn

    @property
    def group(self) -> str:
        """The consumer group, which Lambda names after the mapping if nobody else does."""
        config = self.managed_kafka_config or self.self_managed_kafka_event_source_config or {}
        return str(config.get("ConsumerGroupId") or self.uuid)

    managed_kafka_config: Mapping[str, str] | None = None
    """The option of a cluster of Amazon MSK, which moto does not know."""

    @property
    def needs_network(self) -> bool:
        """Whether Lambda's pollers are in a VPC."""
        kinds = {each["Type"] for each in self.source_access_config or ()}
        return self.cluster_arn is not None or "VPC_SUBNET" in kinds

    @property
    def topic(self) -> str:
        """The topic's name."""
        return "".join(self.topics or [])

    @property
    def servers(self) -> str:
        """The cluster's addresses, as a function receives them."""
        if arn := self.cluster_arn:
            region, name = arn.split(":")[3], arn.split("/")[1]
            return f"b-1.{name}.kafka.{region}.amazonaws.com:9098"
        return ",".join((self.self_managed_event_source or {})["Endpoints"]["KAFKA_BOOTSTRAP_SERVERS"])

    def get_configuration(self) -> dict[str, Any]:
        """Describe it; one of a cluster outside AWS without the ARN that it does not have."""
        shown: dict[str, Any] = super().get_configuration()
        if self.cluster_arn:
            return {**shown, "AmazonManagedKafkaEventSourceConfig": {"ConsumerGroupId": self.group}}
        return {name: value for name, value in shown.items() if name != "EventSourceArn"}


def is_of_topic(options: Mapping[str, Any]) -> bool:
    """Return whether the event source is a cluster of Kafka."""
    return bool(options.get("SelfManagedEventSource")) or ":kafka:" in (options.get("EventSourceArn") or "")


def create_topic_mapping(backend: LambdaBackend, options: dict[str, Any]) -> EventSourceMapping:
    """Store a mapping in moto."""
    function = backend.get_function(options["FunctionName"])
    place = {"RegionName": backend.region_name, "AccountId": backend.account_id}
    name = f"arn:aws:kafka:{backend.region_name}:{backend.account_id}:self-managed/{options['Topics'][0]}"
    arn = options.get("EventSourceArn") or name
    spec = {**options, **place, "FunctionArn": function.function_arn, "EventSourceArn": arn}
    mapping = TopicMapping(spec)  # type: ignore[abstract]  # moto's own class lacks the methods too
    mapping.managed_kafka_config = options.get("AmazonManagedKafkaEventSourceConfig")
    if (mapping.destination_config or {}).get("OnFailure") and mapping.max_retry_attempts in {None, -1}:
        mapping.max_retry_attempts = RETRIES_WITH_A_DESTINATION
    backend._event_source_mappings[mapping.uuid] = mapping  # noqa: SLF001 - as moto's own
    return mapping
