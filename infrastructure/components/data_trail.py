"""CloudTrail's data events of what could forge an event, by anyone but the stage's own functions."""

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_cloudtrail as cloudtrail
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.arns import bus_arn, function_arn, queue_arn, table_arn, topic_arn, trail_arn
from infrastructure.components.key_reference import key_arn, key_of
from infrastructure.protection_settings import DataEvents

CLOUDTRAIL = iam.ServicePrincipal("cloudtrail.amazonaws.com")
Field = cloudtrail.CfnTrail.AdvancedFieldSelectorProperty


class DataTrail(Construct):
    """Logs writes to tables, queues, topics and buses, and calls of the functions that operators may call.

    The roles of the stage's functions have its prefix, and their calls are excluded: they are nearly all.
    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, settings: DataEvents) -> None:
        super().__init__(scope, construct_id)
        self._stage = stage
        bucket = self._bucket(settings.retention_days)
        trail = cloudtrail.CfnTrail(
            self,
            "Resource",
            trail_name=stage.names.data_trail,
            is_logging=True,
            is_multi_region_trail=False,
            include_global_service_events=False,
            enable_log_file_validation=True,
            s3_bucket_name=bucket.bucket_name,
            kms_key_id=key_arn(stage),
            advanced_event_selectors=self._selectors(),
        )
        if bucket.policy:
            trail.node.add_dependency(bucket.policy)

    def _bucket(self, days: int) -> s3.Bucket:
        key = key_of(self, self._stage)
        bucket = s3.Bucket(
            self,
            "Bucket",
            encryption=s3.BucketEncryption.KMS if key else s3.BucketEncryption.S3_MANAGED,
            encryption_key=key,
            bucket_key_enabled=True if key else None,
            enforce_ssl=True,
            versioned=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[
                s3.LifecycleRule(
                    expiration=Duration.days(days), noncurrent_version_expiration=Duration.days(days)
                )
            ],
            # Evidence stays, in development too; CloudFormation makes the name.
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )
        self._admit(bucket)
        return bucket

    def _admit(self, bucket: s3.Bucket) -> None:
        """Let the trail write its files.

        https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
        """
        trail = {"aws:SourceArn": trail_arn(self, self._stage.names.data_trail)}
        account = Stack.of(self).account
        owned = {**trail, "s3:x-amz-acl": "bucket-owner-full-control"}
        for action, resource, conditions in (
            ("s3:GetBucketAcl", bucket.bucket_arn, trail),
            ("s3:PutObject", bucket.arn_for_objects(f"AWSLogs/{account}/*"), owned),
        ):
            bucket.add_to_resource_policy(
                iam.PolicyStatement(
                    actions=[action],
                    resources=[resource],
                    principals=[CLOUDTRAIL],
                    conditions={"StringEquals": conditions},
                )
            )

    def _selectors(self) -> list[cloudtrail.CfnTrail.AdvancedEventSelectorProperty]:
        names = self._stage.names
        prefix, buses = f"{names.prefix}-", [names.event_bus, names.ingress_bus]
        called = [names.relay, *([names.stream] if self._stage.settings.ordered_stream else [])]
        return [
            self._selector("DynamoDB::Table", table_arn(self, prefix)),
            self._selector("SQS::Queue", queue_arn(self, prefix)),
            self._selector("SNS::Topic", topic_arn(self, prefix)),
            self._selector("Events::EventBus", *(bus_arn(self, bus) for bus in buses)),
            self._selector("Lambda::Function", *(function_arn(self, function) for function in called)),
        ]

    def _selector(self, kind: str, *begins: str) -> cloudtrail.CfnTrail.AdvancedEventSelectorProperty:
        """Select writes to the resources whose ARN begins so."""
        fields = [
            Field(field="eventCategory", equal_to=["Data"]),
            Field(field="resources.type", equal_to=[f"AWS::{kind}"]),
            Field(field="resources.ARN", starts_with=list(begins)),
            Field(field="readOnly", equal_to=["false"]),
            Field(field="userIdentity.arn", not_starts_with=[self._own_sessions()]),
        ]
        return cloudtrail.CfnTrail.AdvancedEventSelectorProperty(
            name=f"{self._stage.names.prefix} {kind}", field_selectors=fields
        )

    def _own_sessions(self) -> str:
        """The sessions of the functions' roles, which CloudFormation names after the stacks."""
        return Stack.of(self).format_arn(
            service="sts",
            region="",
            resource="assumed-role",
            resource_name=f"{self._stage.names.prefix}-",
        )
