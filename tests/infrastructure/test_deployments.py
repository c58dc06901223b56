"""Deployments of new versions, and the alarms that stop them."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from aws_cdk import App

from app import ROOT
from infrastructure import topology
from infrastructure.context import UnknownChoiceError, ignores_alarms
from infrastructure.orderbus import ORDERBUS
from infrastructure.services import Service
from infrastructure.stacks.service import ServiceStack
from infrastructure.triggers import EveryMinute
from pocketcloud import OfflineCloud
from tests.assemblies import settings_of_stages
from tests.infrastructure.graph import Graph, Resource, arn
from tests.workflow.shop import an_order

DEAD_LETTERING = ["relay", *(service.name for service in topology.SERVICES)]
"""The functions that dead-letter their failures themselves."""
SHIFTED = [*DEAD_LETTERING, *(f"{service.name}-api" for service in topology.SERVICES if service.routes)]
EVERY_MINUTE = [
    f"{service.name}-{function.module}"
    for service in topology.SERVICES
    for function in service.functions
    if isinstance(function.trigger, EveryMinute)
]
FUNCTIONS = [*SHIFTED, *EVERY_MINUTE]


def group_of(graph: Graph, function: str) -> Resource:
    """The deployment group whose application is named after the function."""
    (application,) = [
        each for each in graph.of("CodeDeploy::Application") if each.properties["ApplicationName"] == function
    ]
    (group,) = [
        each
        for each in graph.of("CodeDeploy::DeploymentGroup", stack=application.stack)
        if each.properties["ApplicationName"] == application.logical_id
    ]
    return group


def test_function_has_one_alias_of_its_own_version(dev: Graph) -> None:
    versions = {(each.stack, each.properties["FunctionName"]) for each in dev.of("Lambda::Version")}
    aliases = {
        (each.stack, each.properties["FunctionName"]): each.properties["Name"]
        for each in dev.of("Lambda::Alias")
    }
    assert versions == aliases.keys()
    assert {name for _, name in versions} == {each.name for each in dev.of("Lambda::Function")}
    assert set(aliases.values()) == {"live"}


def test_functions_are_invoked_through_their_alias(dev: Graph) -> None:
    mapped = [each.properties["FunctionName"] for each in dev.of("Lambda::EventSourceMapping")]
    admitted = [each.properties["FunctionName"] for each in dev.of("Lambda::Permission")]
    integrated = [each.properties["IntegrationUri"] for each in dev.of("ApiGatewayV2::Integration")]
    invoked = {dev.alias(name).properties["FunctionName"] for name in (*mapped, *admitted, *integrated)}
    assert invoked == {each.name for each in dev.of("Lambda::Function")}


def test_versions_are_kept_in_production_unless_rolled_back(dev: Graph, prod: Graph) -> None:
    for graph, policy in ((dev, "Delete"), (prod, "RetainExceptOnCreate")):
        assert {each.deletion_policy or "Delete" for each in graph.of("Lambda::Version")} == {policy}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_errors_alarm_has_the_thresholds_of_the_stage(watched: Graph, prod: Graph, function: str) -> None:
    for graph, stage, periods in ((watched, "dev", 3), (prod, "prod", 1)):
        name = f"orderbus-{stage}-{function}"
        alarm = graph.named("CloudWatch::Alarm", f"{name}-errors").properties
        assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == (
            "AWS/Lambda",
            "Errors",
            "Sum",
        )
        assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": name}]
        assert (alarm["Threshold"], alarm["Period"], alarm["EvaluationPeriods"]) == (1, 60, periods)
        assert alarm["TreatMissingData"] == "notBreaching"


@pytest.mark.parametrize("service", topology.SERVICES, ids=lambda service: service.name)
def test_retries_alarm_watches_the_metric_of_the_consumer(
    watched: Graph, prod: Graph, service: Service
) -> None:
    for graph, stage, threshold in ((watched, "dev", 20), (prod, "prod", 10)):
        alarm = graph.named("CloudWatch::Alarm", f"orderbus-{stage}-{service.name}-retries").properties
        counted = (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"])
        assert counted == (f"Orderbus/{stage}", "Retried", "Sum")
        assert alarm["Dimensions"] == [{"Name": "service", "Value": service.name}]
        assert alarm["Threshold"] == threshold
    environment = graph.named("Lambda::Function", f"orderbus-prod-{service.name}").properties["Environment"]
    assert environment["Variables"]["POWERTOOLS_METRICS_NAMESPACE"] == alarm["Namespace"]
    metrics = (ROOT / "functions/shared/runtime/outcome_metrics.py").read_text()
    assert f'"{alarm["MetricName"]}"' in metrics


def test_stage_without_canary_has_no_codedeploy(dev: Graph) -> None:
    assert not [each for each in dev.resources if each.type.startswith("AWS::CodeDeploy")]
    assert not [
        resource
        for template in dev.templates.values()
        for resource in template["Resources"].values()
        if "UpdatePolicy" in resource
    ]


@pytest.mark.parametrize("function", SHIFTED)
def test_production_canary_takes_ten_percent_for_five_minutes(prod: Graph, function: str) -> None:
    group = group_of(prod, f"orderbus-prod-{function}")
    assert group.properties["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
    (alias,) = [
        resource
        for name, resource in prod.templates[group.stack]["Resources"].items()
        if resource["Type"] == "AWS::Lambda::Alias" and shifts(resource, group)
    ]
    (published,) = [
        each
        for each in prod.of("Lambda::Alias", stack=group.stack)
        if each.properties["FunctionName"] == f"orderbus-prod-{function}"
    ]
    assert prod.templates[group.stack]["Resources"][published.logical_id] is alias


@pytest.mark.parametrize("function", EVERY_MINUTE)
def test_scheduled_functions_have_no_canary(prod: Graph, function: str) -> None:
    name = f"orderbus-prod-{function}"
    assert name not in {each.properties["ApplicationName"] for each in prod.of("CodeDeploy::Application")}
    (alias,) = [each for each in prod.of("Lambda::Alias") if each.properties["FunctionName"] == name]
    assert "UpdatePolicy" not in prod.templates[alias.stack]["Resources"][alias.logical_id]


def shifts(alias: dict[str, dict[str, dict[str, dict[str, str]]]], group: Resource) -> bool:
    """Whether an update of the alias goes through the deployment group."""
    if "UpdatePolicy" not in alias:
        return False
    policy = alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
    return policy["DeploymentGroupName"]["Ref"] == group.logical_id


@pytest.mark.parametrize("function", SHIFTED)
def test_canary_rolls_back_on_alarms_of_its_version(prod: Graph, function: str) -> None:
    name = f"orderbus-prod-{function}"
    group = group_of(prod, name).properties
    others = ["batches", "dead-letters"] if function == "relay" else ["dead-letters", "retries"]
    if function.endswith("-api"):
        others = ["unavailable"]
    alarms = [each["Name"] for each in group["AlarmConfiguration"]["Alarms"]]
    assert alarms == [f"{name}-canary-{each}-1" for each in ("errors", *others)]
    for alarm in (prod.named("CloudWatch::Alarm", each).properties for each in alarms):
        dimensions = {each["Name"]: each["Value"] for each in alarm["Dimensions"]}
        if alarm["MetricName"] == "Errors":
            executed = {"FunctionName": name, "Resource": f"{name}:live", "ExecutedVersion": "1"}
            assert dimensions == executed
        else:
            assert dimensions == {"service": function, "version": "1"}
    assert group["AlarmConfiguration"]["Enabled"] is True
    assert group["AutoRollbackConfiguration"] == {
        "Enabled": True,
        "Events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST", "DEPLOYMENT_STOP_ON_ALARM"],
    }


@pytest.mark.parametrize("function", SHIFTED)
def test_codedeploy_may_only_move_the_alias_and_read_alarms(prod: Graph, function: str) -> None:
    name = f"orderbus-prod-{function}"
    group = group_of(prod, name)
    role = group.properties["ServiceRoleArn"].rsplit("/", 1)[1]
    (trusted,) = [each for each in prod.of("IAM::Role", stack=group.stack) if each.logical_id == role]
    assert "ManagedPolicyArns" not in trusted.properties
    assert trusted.properties["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "codedeploy.amazonaws.com"},
            "Condition": {"ArnEquals": {"aws:SourceArn": arn("codedeploy", f"deploymentgroup:{name}/live")}},
        }
    ]
    (policy,) = [
        each.properties["PolicyDocument"]["Statement"]
        for each in prod.of("IAM::Policy", stack=group.stack)
        if each.properties["Roles"] == [role]
    ]
    function_arn = arn("lambda", f"function:{name}")
    assert policy == [
        {
            "Effect": "Allow",
            "Action": ["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"],
            "Resource": [function_arn, f"{function_arn}:live"],
        },
        {
            "Effect": "Allow",
            "Action": "cloudwatch:DescribeAlarms",
            "Resource": "*",  # as AWS's own policy for CodeDeploy: what cannot be read stops the deployment
        },
    ]


@pytest.fixture(scope="module")
def deployed(prod: Graph) -> Iterator[OfflineCloud]:
    """The stage `prod`."""
    with OfflineCloud.start(assembly=prod.assembly) as cloud:
        yield cloud


@pytest.fixture
def cloud(deployed: OfflineCloud) -> OfflineCloud:
    """The stage `prod`, empty but for stock."""
    deployed.reset()
    stock(deployed)
    return deployed


def test_filling_alarm_fires_within_two_minutes_offline(cloud: OfflineCloud, prod: Graph) -> None:
    filling = {f"orderbus-prod-{function}-dlq-filling" for function in DEAD_LETTERING}
    cloud.http("POST", "/orders", json=an_order(), headers={"Idempotency-Key": "k1"})
    cloud.advance(minutes=5)
    assert not fired_alarms(cloud) & filling
    strange = {"pk": {"S": "orders#1"}, "sk": {"S": "creation"}, "event": {"S": "this is not JSON"}}
    cloud.client("dynamodb").put_item(TableName="orderbus-prod-event-log", Item=strange)
    for queue in DEAD_LETTERING[1:]:
        url = cloud.client("sqs").get_queue_url(QueueName=f"orderbus-prod-{queue}")["QueueUrl"]
        cloud.client("sqs").send_message(QueueUrl=url, MessageBody="this is not JSON")
    cloud.advance(minutes=2)
    assert fired_alarms(cloud) >= filling
    for name in filling:
        alarm = prod.named("CloudWatch::Alarm", name).properties
        assert alarm["Namespace"] == "Orderbus/prod"
        assert alarm["AlarmActions"]


def test_version_alarms_fire_on_faults_of_their_version_offline(cloud: OfflineCloud) -> None:
    queue = cloud.client("sqs").get_queue_url(QueueName="orderbus-prod-views")["QueueUrl"]
    cloud.client("sqs").send_message(QueueUrl=queue, MessageBody="this is not JSON")
    cloud.client("lambda").invoke(FunctionName="orderbus-prod-payments:live", Payload=b"{}")
    cloud.advance(minutes=2)
    expected = {f"orderbus-prod-{name}-1" for name in ("views-canary-dead-letters", "payments-canary-errors")}
    assert {alarm for alarm in fired_alarms(cloud) if "-canary-" in alarm} == expected


def test_orders_run_through_live_versions_offline(cloud: OfflineCloud) -> None:
    for function in FUNCTIONS:
        name = f"orderbus-prod-{function}"
        cloud.client("lambda").update_function_code(FunctionName=name, ZipFile=nothing())
    reply = cloud.http("POST", "/orders", json=an_order(), headers={"Idempotency-Key": "k1"})
    cloud.settle()
    asked = cloud.http("GET", f"/orders/{reply.json()['order_id']}")
    assert asked.json()["status"] == "shipped", asked.body
    assert {each.function for each in cloud.deliveries} <= {f"orderbus-prod-{name}" for name in FUNCTIONS}
    assert cloud.undelivered == []


def test_context_deploys_through_firing_alarms(prod: Graph, tmp_path: Path) -> None:
    context = {**settings_of_stages(), "ignore_alarms": "true"}
    app = App(outdir=str(tmp_path), context=context, builtin_cloud_formation_validation=False)
    ServiceStack(app, stage=ORDERBUS.stage("prod", context["stages"]), service=topology.SERVICES[0])
    app.synth()
    for graph, is_enabled in ((prod, True), (Graph(tmp_path), False)):
        groups = graph.of("CodeDeploy::DeploymentGroup")
        assert {each.properties["AlarmConfiguration"]["Enabled"] for each in groups} == {is_enabled}


def test_choice_about_alarms_is_read_from_the_context() -> None:
    assert ignores_alarms(App(context={"ignore_alarms": "true"}))
    assert not ignores_alarms(App(context={"ignore_alarms": "false"}))


def test_wrong_choice_about_alarms_is_rejected() -> None:
    with pytest.raises(UnknownChoiceError, match="use true or false"):
        ignores_alarms(App(context={"ignore_alarms": "yes"}))


def fired_alarms(cloud: OfflineCloud) -> set[str]:
    """Return the alarms that fired, including those that returned to OK."""
    return {change.alarm for change in cloud.alarms.changes if change.after == "ALARM"}


def stock(cloud: OfflineCloud) -> None:
    for sku in ("TEAPOT", "CUP"):
        item = {
            "sku": {"S": sku},
            "available": {"N": "9"},
            "unit_price": {"N": "100"},
            "currency": {"S": "GBP"},
        }
        for table in ("stock", "catalogue"):
            cloud.client("dynamodb").put_item(TableName=f"orderbus-prod-{table}", Item=item)


def nothing() -> bytes:
    """A bundle without a handler: every invocation fails."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("empty.py", "")
    return packed.getvalue()
