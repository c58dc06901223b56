"""The permissions of a function's role on a cluster of Amazon MSK with IAM: one topic, one group.

https://docs.aws.amazon.com/msk/latest/developerguide/kafka-actions.html
"""

from aws_cdk import aws_iam as iam

from infrastructure.kafka_settings import KafkaBridge


def writing(row: KafkaBridge) -> list[iam.PolicyStatement]:
    """Return what an idempotent producer of the row's topic needs; nothing without IAM."""
    if row.cluster_arn is None or row.topic is None:
        return []
    return [
        _allow("kafka-cluster", row.cluster_arn, "Connect", "WriteDataIdempotently"),
        _allow("kafka-cluster", _of(row.cluster_arn, "topic", row.topic), "DescribeTopic", "WriteData"),
    ]


def reading(row: KafkaBridge) -> list[iam.PolicyStatement]:
    """Return what Lambda's pollers need, which use the function's role; nothing without IAM.

    https://docs.aws.amazon.com/lambda/latest/dg/with-msk-permissions.html
    """
    if row.cluster_arn is None or row.inbound is None:
        return []
    topic = _of(row.cluster_arn, "topic", row.inbound.topic)
    group = _of(row.cluster_arn, "group", row.inbound.consumer_group)
    return [
        _allow("kafka", row.cluster_arn, "DescribeClusterV2", "GetBootstrapBrokers"),
        _allow("kafka-cluster", row.cluster_arn, "Connect", "DescribeClusterDynamicConfiguration"),
        _allow("kafka-cluster", topic, "DescribeTopic", "ReadData"),
        _allow("kafka-cluster", group, "AlterGroup", "DescribeGroup"),
    ]


def _of(cluster_arn: str, kind: str, name: str) -> str:
    return f"{cluster_arn.replace(':cluster/', f':{kind}/', 1)}/{name}"


def _allow(service: str, resource: str, *actions: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=[f"{service}:{action}" for action in actions], resources=[resource])
