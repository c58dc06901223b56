"""Orderbus itself: every resource of every stage is deployed, and what one names of another exists."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cli.demo.synthesis import current_assembly
from infrastructure.components.schema_registry import schema_name
from infrastructure.topology import SERVICES
from pocketcloud.cloudformation.deployment import DeploymentResult, deploy
from pocketcloud.moto_patches.cloudwatch import composite_alarms
from pocketcloud.moto_patches.moto_patch import apply_patches


@pytest.fixture(scope="module", params=["dev", "prod"])
def stage(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def assembly(stage: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.assemblies import settings_of_stages, synthesised  # noqa: PLC0415 - starts Node

    if stage == "dev":
        return current_assembly()
    # The one of tests/infrastructure, where cfn-lint validates it.
    return synthesised(tmp_path_factory, {**settings_of_stages(), "stage": stage}, is_validated=False)


@dataclass(frozen=True)
class Account:
    session: boto3.Session
    deployment: DeploymentResult
    calls_to_deploy: int


@pytest.fixture(scope="module")
def account(assembly: Path) -> Iterator[Account]:
    calls: list[str] = []
    session = boto3.Session("offline", "offline", region_name="eu-west-1")
    session.events.register("before-call", lambda model, **_: calls.append(model.name))
    with mock_aws(), apply_patches([composite_alarms()]):
        deployment = deploy(assembly, session)
        yield Account(session, deployment, len(calls))


@pytest.fixture
def session(account: Account) -> boto3.Session:
    return account.session


@pytest.fixture
def deployment(account: Account) -> DeploymentResult:
    return account.deployment


def resources_of(deployment: DeploymentResult, type_name: str) -> list[dict[str, Any]]:
    stacks = deployment.resources.values()
    found = [resource for stack in stacks for resource in stack.values() if resource.type == type_name]
    return [dict(resource.properties) for resource in found]


def test_every_resource_of_every_template_is_deployed(assembly: Path, deployment: DeploymentResult) -> None:
    declared = {
        path.name.removesuffix(".template.json"): set(json.loads(path.read_text())["Resources"])
        for path in assembly.glob("*.template.json")
    }
    assert {stack: set(resources) for stack, resources in deployment.resources.items()} == declared


def test_deployment_makes_fewer_than_two_calls_per_resource(account: Account) -> None:
    resources = sum(len(stack) for stack in account.deployment.resources.values())
    assert resources < account.calls_to_deploy < 2 * resources


def test_every_subscription_connects_a_topic_to_a_queue(
    deployment: DeploymentResult, session: boto3.Session
) -> None:
    topics = {topic["TopicArn"] for topic in session.client("sns").list_topics()["Topics"]}
    subscriptions = resources_of(deployment, "AWS::SNS::Subscription")
    assert subscriptions
    for subscription in subscriptions:
        assert subscription["TopicArn"] in topics
        assert session.client("sqs").get_queue_url(QueueName=subscription["Endpoint"].split(":")[-1])


def test_every_rule_target_is_an_existing_resource(
    deployment: DeploymentResult, session: boto3.Session
) -> None:
    topics = {topic["TopicArn"] for topic in session.client("sns").list_topics()["Topics"]}
    targets = [target for rule in resources_of(deployment, "AWS::Events::Rule") for target in rule["Targets"]]
    assert targets
    for target in targets:
        name = target["Arn"].split(":")[-1]
        if ":lambda:" in target["Arn"]:
            assert session.client("lambda").get_function(FunctionName=target["Arn"])
            continue
        assert target["Arn"] in topics or session.client("sqs").get_queue_url(QueueName=name)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_service_has_a_conventionally_named_function_and_queue(
    deployment: DeploymentResult, session: boto3.Session, stage: str, service: Any
) -> None:
    name = f"orderbus-{stage}-{service.name}"
    assert name in deployment.resources
    settings = session.client("lambda").get_function_configuration(FunctionName=name)
    assert settings["Handler"] == f"functions.{service.name}.handler.handle"
    assert settings["Layers"]
    assert session.client("sqs").get_queue_url(QueueName=name)


def test_every_schema_in_the_repository_is_in_the_registry(deployment: DeploymentResult) -> None:
    folder = Path(__file__).parents[2] / "schemas"
    files = {path for path in folder.glob("*/*.v*.json") if not path.name.endswith(".example.json")}
    names = {schema_name(path) for path in files}
    assert {schema.name for schema in deployment.schemas} == names


def test_the_outputs_name_the_api_and_the_buses(deployment: DeploymentResult, stage: str) -> None:
    assert deployment.outputs["ApiUrl"].startswith("https://")
    assert deployment.outputs["OrderBusName"] == f"orderbus-{stage}-order-bus"
