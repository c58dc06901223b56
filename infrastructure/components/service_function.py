"""A Lambda function of one service."""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infrastructure import bundles
from infrastructure.alarm_kinds import AlarmKind
from infrastructure.components.alarm import StageAlarm
from infrastructure.components.canary import Canary
from infrastructure.components.stage_log_group import StageLogGroup
from infrastructure.names import LIVE
from infrastructure.removal import kept_once_made
from infrastructure.stage import Stage
from infrastructure.target import Target


class ServiceFunction(Construct):
    """One service's code and the shared layer, under a role and with a log group of its own.

    Whoever invokes it does so through the alias `live`, which names a published version: the one that serves
    is never edited in place, and can be gone back to.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        function_name: str,
        service: str,
        module: str,
        timeout: int,
        memory: int,
        layer: lambda_.ILayerVersion,
        environment: Mapping[str, str],
    ) -> None:
        super().__init__(scope, construct_id)
        self._stage, self._name = stage, function_name
        log_group = StageLogGroup(
            self, "LogGroup", stage=stage, log_group_name=f"/aws/lambda/{function_name}"
        ).log_group
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.allow(log_group.attr_arn, "logs:CreateLogStream", "logs:PutLogEvents")
        self.function = lambda_.Function(
            self,
            "Resource",
            function_name=function_name,
            runtime=Target.of(self).runtime,
            architecture=Target.of(self).architecture,
            code=lambda_.Code.from_asset(str(bundles.code(service))),
            handler=f"functions.{service}.{module}.handle",
            layers=[layer],
            role=self.role,
            timeout=Duration.seconds(timeout),
            memory_size=memory,
            log_group=logs.LogGroup.from_log_group_name(self, "Logs", log_group.ref),
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=lambda_.ApplicationLogLevel.INFO,
            system_log_level_v2=lambda_.SystemLogLevel.INFO,
            # CDK adds X-Ray's two Put actions on `*`: they know no resource.
            # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
            tracing=lambda_.Tracing.ACTIVE,
            environment={**_common_environment(stage, service), **environment},
            # One that was rolled back goes in either case: Lambda publishes no second one of the same code.
            current_version_options=lambda_.VersionOptions(removal_policy=kept_once_made(stage)),
        )
        self.alias = lambda_.Alias(self, "Live", alias_name=LIVE, version=self.function.current_version)
        self._errors = self._errors_alarm()
        self._watch_throttles()

    def shift_traffic(self, *alarms: cloudwatch.Alarm) -> None:
        """Move to a new version as the stage says, and back if one of these or the errors' alarm rings."""
        if self._stage.canary:
            Canary(
                self,
                "Canary",
                deployment=self._stage.canary,
                function_name=self._name,
                alias=self.alias,
                alarms=[self._errors, *alarms],
            )

    def allow(self, resource_arn: str, *actions: str) -> None:
        """Let the function do these things to that one resource."""
        self.role.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=[resource_arn]))

    def _errors_alarm(self) -> cloudwatch.Alarm:
        alarms = self._stage.alarms
        return StageAlarm(
            self,
            "Errors",
            stage=self._stage,
            alarm_name=f"{self._name}-errors",
            kind=AlarmKind.ERRORS,
            description=f"{self._name} raises, runs out of time or out of memory: its log group says which.",
            # Of all versions: what an old one breaks is a reason as well not to go on deploying.
            metric=self.function.metric_errors(period=Duration.minutes(1), statistic="Sum"),
            threshold=alarms.function_errors,
            evaluation_periods=alarms.evaluation_periods,
        ).alarm

    def _watch_throttles(self) -> None:
        alarms = self._stage.alarms
        StageAlarm(
            self,
            "Throttles",
            stage=self._stage,
            alarm_name=f"{self._name}-throttles",
            kind=AlarmKind.THROTTLES,
            description=f"Lambda does not let {self._name} run as often as it is asked to.",
            metric=self.function.metric_throttles(period=Duration.minutes(1), statistic="Sum"),
            threshold=alarms.function_throttles,
            evaluation_periods=alarms.evaluation_periods,
        )


def _common_environment(stage: Stage, service: str) -> dict[str, str]:
    return {
        "STAGE": stage.name,
        "CONTRACTS": "functions.contracts.registry",
        "POWERTOOLS_SERVICE_NAME": service,
        "POWERTOOLS_METRICS_NAMESPACE": stage.names.metrics,
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "SUCCESS_LOG_RATE": f"{stage.success_log_rate:g}",
    }
