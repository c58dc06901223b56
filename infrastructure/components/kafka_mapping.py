"""The event source mapping from a topic of a Kafka cluster to a function."""

from operator import attrgetter
from typing import Any

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infrastructure.arns import queue_arn
from infrastructure.components.kafka_access import reading
from infrastructure.components.network_access import mapping_statements
from infrastructure.components.service_function import ServiceFunction
from infrastructure.components.service_resources import ServiceResources
from infrastructure.components.stream_mapping import MAXIMUM_RECORD_AGE, MAXIMUM_RETRIES
from infrastructure.kafka_settings import KafkaBridge, KafkaInbound
from infrastructure.triggers import KafkaTopic

AUTHENTICATION = {
    "SCRAM-SHA-512": "SASL_SCRAM_512_AUTH",
    "SCRAM-SHA-256": "SASL_SCRAM_256_AUTH",
    "PLAIN": "BASIC_AUTH",
}
"""https://docs.aws.amazon.com/lambda/latest/api/API_SourceAccessConfiguration.html"""


class KafkaMapping(Construct):
    """Sends batches of records, each partition's in order; a failed one is named in a queue.

    In provisioned mode, because only that retries within bounds, bisects and takes partial responses.
    https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        resources: ServiceResources,
        function: ServiceFunction,
        topic: KafkaTopic,
    ) -> None:
        super().__init__(scope, construct_id)
        row: KafkaBridge = attrgetter(topic.bridge)(resources.stage.settings)
        if row.inbound is None:
            raise ValueError(f"{topic.bridge} has no inbound topic")
        in_network = mapping_statements(self) if row.cluster_arn or row.vpc else []
        for statement in (*reading(row), *in_network):
            function.role.add_to_policy(statement)
        # The function's own dead-letter queue: it holds what was rejected, and what failed too often.
        failures = queue_arn(self, f"{function.name}-dlq")
        lambda_.CfnEventSourceMapping(
            self,
            "Resource",
            function_name=function.alias.function_arn,
            **_cluster(row, row.inbound, resources),
            topics=[row.inbound.topic],
            starting_position="TRIM_HORIZON",
            batch_size=topic.batch_size,
            bisect_batch_on_function_error=True,
            maximum_retry_attempts=MAXIMUM_RETRIES,
            maximum_record_age_in_seconds=MAXIMUM_RECORD_AGE.to_seconds(),
            function_response_types=["ReportBatchItemFailures"],
            provisioned_poller_config={"minimumPollers": 1, "maximumPollers": row.inbound.maximum_pollers},
            destination_config={"onFailure": {"destination": failures}},
        )


def _cluster(row: KafkaBridge, inbound: KafkaInbound, resources: ServiceResources) -> dict[str, Any]:
    """Name the cluster: of Amazon MSK by its ARN, which has its network too; any other by its servers."""
    group = {"consumerGroupId": inbound.consumer_group}
    if row.cluster_arn:
        return {"event_source_arn": row.cluster_arn, "amazon_managed_kafka_event_source_config": group}
    access = [*_authentication(row, resources), *_network(row)]
    return {
        "self_managed_event_source": {"endpoints": {"kafkaBootstrapServers": list(row.servers)}},
        "self_managed_kafka_event_source_config": group,
        "source_access_configurations": access or None,
    }


def _authentication(row: KafkaBridge, resources: ServiceResources) -> list[dict[str, str]]:
    """Name the secret that Lambda's pollers read with the function's role."""
    if row.sasl is None:
        return []
    return [{"type": AUTHENTICATION[row.sasl], "uri": resources.secret_arn}]


def _network(row: KafkaBridge) -> list[dict[str, str]]:
    """Name the subnets and security groups of Lambda's pollers."""
    if row.vpc is None:
        return []
    return [
        *({"type": "VPC_SUBNET", "uri": f"subnet:{name}"} for name in row.vpc.subnets),
        *(
            {"type": "VPC_SECURITY_GROUP", "uri": f"security_group:{name}"}
            for name in row.vpc.security_groups
        ),
    ]
