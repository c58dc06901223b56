"""The canary of a new version: a part of the traffic first, and back if an alarm fires."""

from collections.abc import Sequence

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infrastructure.arns import alias_arn, function_arn
from infrastructure.context import ignores_alarms
from infrastructure.names import LIVE


class Canary(Construct):
    """A CodeDeploy deployment group of one alias, with a role that can move that alias and no other.

    CloudFormation waits for it: a deployment that is rolled back also rolls back the stack's update.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: str,
        function_name: str,
        alias: lambda_.Alias,
        alarms: Sequence[cloudwatch.Alarm],
    ) -> None:
        super().__init__(scope, construct_id)
        role = self._role(function_name)
        group = codedeploy.LambdaDeploymentGroup(
            self,
            "Resource",
            application=codedeploy.LambdaApplication(self, "Application", application_name=function_name),
            deployment_group_name=LIVE,
            deployment_config=getattr(codedeploy.LambdaDeploymentConfig, deployment.upper()),
            alias=alias,
            alarms=alarms,
            ignore_alarm_configuration=ignores_alarms(self),
            auto_rollback=codedeploy.AutoRollbackConfig(
                failed_deployment=True, stopped_deployment=True, deployment_in_alarm=True
            ),
            # CDK would attach AWS's own policy, which may move every alias of the account.
            role=role.without_policy_updates(),
        )
        # The role's policy too must exist before the first deployment.
        group.node.add_dependency(role)

    def _role(self, function_name: str) -> iam.Role:
        role = iam.Role(
            self,
            "Role",
            # https://docs.aws.amazon.com/codedeploy/latest/userguide/security_confused_deputy.html
            assumed_by=iam.ServicePrincipal(
                "codedeploy.amazonaws.com",
                conditions={"ArnEquals": {"aws:SourceArn": self._deployment_group_arn(function_name)}},
            ),
        )
        # The ARNs by name: the alias refers to the deployment group, which refers to this role.
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"],
                resources=[function_arn(self, function_name), alias_arn(self, function_name)],
            )
        )
        # On `*`, as in AWS's own policy for CodeDeploy: it lists alarms, and stops a deployment whose alarms
        # it cannot read.
        # https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCodeDeployRoleForLambdaLimited.html
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
        role.add_to_policy(iam.PolicyStatement(actions=["cloudwatch:DescribeAlarms"], resources=["*"]))
        return role

    def _deployment_group_arn(self, function_name: str) -> str:
        return Stack.of(self).format_arn(
            service="codedeploy",
            resource="deploymentgroup",
            resource_name=f"{function_name}/{LIVE}",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
