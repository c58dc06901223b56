"""A Lambda function of one service."""

from collections.abc import Mapping, Sequence
from typing import cast

from aws_cdk import Aws, Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.bridge_settings import Network
from infrastructure.components.canary import Canary
from infrastructure.components.key_uses import KeyAccess
from infrastructure.components.network_access import function_statements
from infrastructure.components.stage_log_group import StageLogGroup
from infrastructure.names import LIVE
from infrastructure.observability.alarm_row import AlarmRow
from infrastructure.observability.alarms import FUNCTION_ALARMS, VERSION_ERRORS
from infrastructure.observability.stage_alarms import add_alarms
from infrastructure.removal import kept_once_made
from infrastructure.target import LambdaPlatform


class ServiceFunction(Construct):
    """One service's code and the shared layer, with a role and a log group of its own.

    Invoke it through the alias `live`, which names a published version: the version in service is never
    edited in place, and a deployment can go back to it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        service: str,
        module: str,
        timeout_seconds: int,
        memory_mb: int,
        layers: Sequence[lambda_.ILayerVersion],
        environment: Mapping[str, str],
        files: tuple[str, ...] = (),
        folders: tuple[str, ...] = (),
        network: Network | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._stage, self.name = stage, stage.names.function(service, module)
        log_group = self._log_group()
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self._key_access = KeyAccess(self.role, stage=stage)
        self.allow(log_group.attr_arn, "logs:CreateLogStream", "logs:PutLogEvents")
        platform, bundles = LambdaPlatform.of(self), stage.application.bundles
        bundle = bundles.code(service, module, files, folders=folders, python=platform.python)
        self.function = lambda_.Function(
            self,
            "Resource",
            function_name=self.name,
            runtime=platform.runtime,
            architecture=platform.architecture,
            code=lambda_.Code.from_asset(str(bundle)),
            handler=f"functions.{service}.{module}.handle",
            layers=list(layers),
            role=self.role,
            timeout=Duration.seconds(timeout_seconds),
            memory_size=memory_mb,
            log_group=logs.LogGroup.from_log_group_name(self, "Logs", log_group.ref),
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=lambda_.ApplicationLogLevel.INFO,
            system_log_level_v2=lambda_.SystemLogLevel[stage.settings.platform_log_level],
            snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if stage.settings.snap_start else None,
            tracing=lambda_.Tracing.ACTIVE if stage.settings.tracing == "active" else None,
            environment={**_common_environment(stage, service), **environment},
            # A rolled-back version is always deleted: Lambda publishes no second one of the same code.
            current_version_options=lambda_.VersionOptions(removal_policy=kept_once_made(stage)),
        )
        _set_tracing(self.function, stage.settings.tracing)
        self._connect(network)
        self.alias = lambda_.Alias(self, "Live", alias_name=LIVE, version=self.function.current_version)
        add_alarms(self, FUNCTION_ALARMS, stage=stage, name=self.name, dimensions=self.dimensions)

    @property
    def dimensions(self) -> dict[str, str]:
        """The dimensions of the function's metrics."""
        return {"FunctionName": self.function.function_name}

    def _log_group(self) -> logs.CfnLogGroup:
        name = f"/aws/lambda/{self.name}"
        return StageLogGroup(self, "LogGroup", stage=self._stage, log_group_name=name).log_group

    def shift_traffic(self, *rows: AlarmRow, dimensions: Mapping[str, str] | None = None) -> None:
        """Move to a new version as the stage says, and back if an alarm of that version fires.

        The alarms are those of its errors and of these rows, whose metrics have the dimensions.
        """
        if canary := self._stage.settings.canary:
            errors = {**self.dimensions, "Resource": f"{self.name}:{LIVE}"}
            alarms = {
                **self._version_alarms([VERSION_ERRORS], errors, "ExecutedVersion"),
                **self._version_alarms(rows, dimensions or {}, "version"),
            }
            Canary(
                self,
                "Canary",
                deployment=canary,
                function_name=self.name,
                alias=self.alias,
                alarms=list(alarms.values()),
            )

    def _version_alarms(
        self, rows: Sequence[AlarmRow], dimensions: Mapping[str, str], version_dimension: str
    ) -> dict[str, cloudwatch.Alarm]:
        """Add alarms named after the version: each deployment makes new ones, which have not fired.

        https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html (ExecutedVersion)
        """
        version = self.function.current_version.version
        return add_alarms(
            self,
            rows,
            stage=self._stage,
            name=self.name,
            dimensions={**dimensions, version_dimension: version},
            suffix=f"-{version}",
        )

    def _connect(self, network: Network | None) -> None:
        """Put the function into a VPC, if there is one."""
        if network is None:
            return
        resource = cast("lambda_.CfnFunction", self.function.node.default_child)
        resource.vpc_config = lambda_.CfnFunction.VpcConfigProperty(
            subnet_ids=list(network.subnets), security_group_ids=list(network.security_groups)
        )
        for statement in function_statements(self, network, self.name):
            self.role.add_to_policy(statement)

    def allow(self, resource_arn: str, *actions: str) -> None:
        """Allow the function these actions on that one resource."""
        self.permit(iam.PolicyStatement(actions=list(actions), resources=[resource_arn]))

    def permit(self, statement: iam.PolicyStatement) -> None:
        """Allow the function what the statement says, and what that needs on the stage's key."""
        self.role.add_to_policy(statement)
        self._key_access.need(statement.actions)


def _set_tracing(function: lambda_.Function, mode: str) -> None:
    """Only continue a caller's trace, if the stage says so, and write no segment of it.

    CDK would also add X-Ray's two Put actions on `*`; they support no resource.
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
    """
    if mode == "pass_through":
        resource = cast("lambda_.CfnFunction", function.node.default_child)
        resource.add_property_override("TracingConfig.Mode", "PassThrough")


def _common_environment(stage: Stage, service: str) -> dict[str, str]:
    return {
        **({"CANARY": "true"} if stage.settings.canary else {}),
        "STAGE": stage.name,
        "CONTRACTS": stage.application.contracts,
        "POWERTOOLS_SERVICE_NAME": service,
        "POWERTOOLS_METRICS_NAMESPACE": stage.names.metrics,
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "SUCCESS_LOG_RATE": f"{stage.settings.success_log_rate:g}",
        # All functions of the stage have it, and no client knows it.
        "SUCCESS_LOG_SALT": Aws.ACCOUNT_ID,
    }
