"""The event log: every decision under its key, with a stream."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.arns import table_arn
from infrastructure.components.key_reference import table_encryption
from infrastructure.components.service_table import string_key
from infrastructure.components.table_capacity import billing_mode, scale


class EventLogTable(Construct):
    """The one table that every service appends to; its stream carries each new row whole."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self.table = dynamodb.Table(
            self,
            "Resource",
            table_name=stage.names.event_log,
            partition_key=string_key("pk"),
            sort_key=string_key("sk"),
            billing_mode=billing_mode(stage.settings.table_capacity),
            stream=dynamodb.StreamViewType.NEW_IMAGE,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=stage.settings.point_in_time_recovery
            ),
            deletion_protection=stage.settings.deletion_protection,
            removal_policy=RemovalPolicy[stage.settings.removal_policy.upper()],
            **table_encryption(self, stage),
        )
        scale(self.table, stage.settings.table_capacity)


def append_own_facts(scope: Construct, *, stage: Stage, owner: str) -> iam.PolicyStatement:
    """Allow an owner to put and read rows under its own keys, and under no other owner's.

    `Null: false` rejects a request that names no key; `ForAllValues` alone would allow it.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
    """
    return iam.PolicyStatement(
        actions=["dynamodb:GetItem", "dynamodb:PutItem"],
        resources=[table_arn(scope, stage.names.event_log)],
        conditions={
            "ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"{owner}#*"]},
            "Null": {"dynamodb:LeadingKeys": "false"},
        },
    )


def read_all_facts(scope: Construct, *, stage: Stage) -> iam.PolicyStatement:
    """Allow a function to read the facts of every owner."""
    return iam.PolicyStatement(
        actions=["dynamodb:BatchGetItem"],
        resources=[table_arn(scope, stage.names.event_log)],
    )
