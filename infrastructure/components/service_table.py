"""A table of one service."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.components.key_reference import table_encryption
from infrastructure.components.table_capacity import billing_mode, scale
from infrastructure.tables import Table


class ServiceTable(Construct):
    """A table with the stage's capacity, backups and protection.

    `Table`, not `TableV2`: one region needs no global table. The resource type of a global table names its
    regions in the template, and a table cannot change back to the other type.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, table_name: str, table: Table
    ) -> None:
        super().__init__(scope, construct_id)
        self.table = dynamodb.Table(
            self,
            "Resource",
            table_name=table_name,
            partition_key=string_key(table.partition_key),
            sort_key=string_key(table.sort_key) if table.sort_key else None,
            billing_mode=billing_mode(stage.settings.table_capacity),
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES if table.streams else None,
            time_to_live_attribute="expires_at" if table.expires else None,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=stage.settings.point_in_time_recovery
            ),
            deletion_protection=stage.settings.deletion_protection,
            removal_policy=RemovalPolicy[stage.settings.removal_policy.upper()],
            **table_encryption(self, stage),
        )
        for index in table.indexes:
            self.table.add_global_secondary_index(
                index_name=index.name,
                partition_key=string_key(index.partition_key),
                sort_key=string_key(index.sort_key),
                projection_type=dynamodb.ProjectionType.KEYS_ONLY,
            )
        scale(self.table, stage.settings.table_capacity, indexes=[index.name for index in table.indexes])


def string_key(name: str) -> dynamodb.Attribute:
    """A key attribute; every key is a string."""
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
