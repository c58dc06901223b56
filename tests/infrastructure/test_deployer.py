"""The deployer's policies: enough for the templates, on one stage only, and no role beyond the boundary."""

import json
from pathlib import Path
from typing import Any

import cfnlint
import pytest

from infrastructure.deployer.handlers import UnlistedTypeError, handlers_of, read_handlers
from infrastructure.deployer.template import POLICY_CHARACTERS, deployer_template
from infrastructure.names import Names
from pocketcloud.iam.evaluation import Policies, evaluate
from pocketcloud.iam.policy import Statement, read_policy
from pocketcloud.iam.principals import role
from pocketcloud.iam.text import Value
from tests.assemblies import dev_with
from tests.infrastructure.graph import PSEUDO, Graph, arn, every
from tests.neighbours.setup_page import blocks
from tests.workflow.rabbit_stage import SETTINGS as RABBITMQ

NAMES = Names("dev")
EXECUTION = role("arn:aws:iam::123456789012:role/cdk-hnb659fds-cfn-exec-role")
DEPLOYED = role("arn:aws:iam::123456789012:role/orderbus-dev-orders-Role")
IAM = "arn:aws:iam::123456789012"
BOUNDARY = {"iam:permissionsboundary": f"{IAM}:policy/boundary-orderbus-dev"}
LOG_DELIVERY = ("AWS::ApiGatewayV2::Stage", "logs:")
"""Permissions that the registry lacks, and API Gateway's documentation names."""
BRIDGES = (("kafka.md", 2), ("event-hubs.md", 0))
"""The rows of a private cluster and of an event hub on their pages."""
SCHEMAS = Path(cfnlint.__file__).parent / "data" / "schemas" / "resources"
CREATED = {
    "SQS::Queue": ("sqs:CreateQueue", "{}"),
    "SNS::Topic": ("sns:CreateTopic", "{}"),
    "DynamoDB::Table": ("dynamodb:CreateTable", "table/{}"),
    "Events::EventBus": ("events:CreateEventBus", "event-bus/{}"),
    "Lambda::Function": ("lambda:CreateFunction", "function:{}"),
    "CloudWatch::Alarm": ("cloudwatch:PutMetricAlarm", "alarm:{}"),
    "Logs::LogGroup": ("logs:CreateLogGroup", "log-group:{}"),
}


@pytest.fixture(scope="module")
def policies(dev: Graph) -> dict[str, Any]:
    """The policies of the deployer's template by name, in one account and region."""
    text = json.dumps(deployer_template(dev.templates.values(), NAMES)["Resources"])
    for name, value in PSEUDO.items():
        text = text.replace(f"${{{name}}}", value)
    read = json.loads(text, object_hook=lambda each: each.get("Fn::Sub", each))
    return {
        each["Properties"]["ManagedPolicyName"]: each["Properties"]["PolicyDocument"]
        for each in read.values()
    }


@pytest.fixture(scope="module")
def deployer(policies: dict[str, Any]) -> tuple[Statement, ...]:
    return tuple(
        line
        for name, document in policies.items()
        if name.startswith("deployer-")
        for line in read_policy(document, name)
    )


def may(deployer: tuple[Statement, ...], action: str, resource: str, **context: Value) -> bool:
    policies = Policies(identity=deployer, owner="123456789012")
    return evaluate(policies, EXECUTION, action, resource, {**EXECUTION.context, **context}).allowed


def test_actions_are_of_the_registry_without_wildcards() -> None:
    registry: dict[str, set[str]] = {}
    for path in SCHEMAS.glob("*.json"):
        schema = json.loads(path.read_text())
        found = registry.setdefault(schema["typeName"], set())
        found |= {one for each in schema.get("handlers", {}).values() for one in each["permissions"]}
    for kind, handler in read_handlers().items():
        beyond = set(handler.actions) - registry[kind]
        assert {each for each in beyond if (kind, each[:5]) != LOG_DELIVERY} == set()
        assert not any("*" in action for action in handler.actions)


def test_deployer_creates_every_named_resource_of_its_stage(
    dev: Graph, deployer: tuple[Statement, ...]
) -> None:
    for kind, (action, shape) in CREATED.items():
        service = action.partition(":")[0]
        for each in dev.of(kind):
            assert may(deployer, action, arn(service, shape.format(each.name))), each.name
        assert not may(deployer, action, arn(service, shape.format("orderbus-prod-orders")))
        assert not may(deployer, action, arn(service, shape.format("payroll")))


@pytest.mark.parametrize("action", ["CreateRole", "PutRolePolicy", "PutRolePermissionsBoundary"])
def test_deployer_makes_only_roles_with_the_boundary(deployer: tuple[Statement, ...], action: str) -> None:
    function_role = f"{IAM}:role/orderbus-dev-orders-ConsumerRole"
    other = {"iam:permissionsboundary": f"{IAM}:policy/orderbus-dev-operator"}
    assert may(deployer, f"iam:{action}", function_role, **BOUNDARY)
    assert not may(deployer, f"iam:{action}", function_role)
    assert not may(deployer, f"iam:{action}", function_role, **other)
    assert not may(deployer, f"iam:{action}", f"{IAM}:role/admin", **BOUNDARY)


def test_deployer_cannot_leave_its_limits(deployer: tuple[Statement, ...]) -> None:
    own = (NAMES.permissions_boundary, NAMES.deployer_policy(1))
    for action in ("iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:CreatePolicy"):
        assert not any(may(deployer, action, f"{IAM}:policy/{name}") for name in own)
    function_role = f"{IAM}:role/orderbus-dev-orders-ConsumerRole"
    for action in ("iam:AttachRolePolicy", "iam:DeleteRolePermissionsBoundary", "sts:AssumeRole"):
        assert not may(deployer, action, function_role, **BOUNDARY)
    assert not may(deployer, "dynamodb:GetItem", arn("dynamodb", "table/orderbus-dev-event-log"))
    for service, is_allowed in {"lambda.amazonaws.com": True, "ec2.amazonaws.com": False}.items():
        passing = {"iam:passedtoservice": service}
        assert may(deployer, "iam:PassRole", function_role, **passing) is is_allowed


def test_boundary_allows_what_roles_do_and_no_more(dev: Graph, policies: dict[str, Any]) -> None:
    anything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    everything = read_policy({"Version": "2012-10-17", "Statement": anything}, "everything")
    boundary = read_policy(policies[NAMES.permissions_boundary], "boundary")
    bounded = Policies(identity=everything, boundary=boundary, owner="123456789012")

    def can(action: str, resource: str) -> bool:
        return evaluate(bounded, DEPLOYED, action, resource, DEPLOYED.context).allowed

    granted = [
        (action, each)
        for _, line in dev.roles()
        for action in every(line["Action"])
        for each in every(line["Resource"])
    ]
    assert [pair for pair in granted if not can(*pair)] == []
    assert len(granted) > 50
    assert not can("iam:CreateUser", f"{IAM}:user/mallory")
    assert not can("dynamodb:GetItem", arn("dynamodb", "table/payroll"))
    assert not can("sqs:SendMessage", arn("sqs", "orderbus-prod-orders"))


def test_every_policy_fits_into_iam(policies: dict[str, Any]) -> None:
    lengths = {name: len(json.dumps(each, separators=(",", ":"))) for name, each in policies.items()}
    assert max(lengths.values()) <= POLICY_CHARACTERS


def test_unlisted_type_is_rejected_by_name() -> None:
    with pytest.raises(UnlistedTypeError, match="AWS::EC2::Instance"):
        handlers_of(["AWS::SQS::Queue", "AWS::EC2::Instance"])


def test_roles_have_the_boundary_where_it_is_on(dev: Graph, stripe: Graph) -> None:
    found = {str(each.properties.get("PermissionsBoundary")) for each in stripe.of("IAM::Role")}
    assert found == {BOUNDARY["iam:permissionsboundary"]}
    assert {each.properties.get("PermissionsBoundary") for each in dev.of("IAM::Role")} == {None}


def test_deployer_uses_the_key_and_cannot_change_it(dev: Graph, stripe: Graph) -> None:
    def on_key(graph: Graph) -> list[dict[str, Any]]:
        resources = deployer_template(graph.templates.values(), NAMES)["Resources"]
        lines = [
            line for each in resources.values() for line in each["Properties"]["PolicyDocument"]["Statement"]
        ]
        return [line for line in lines if "Condition" in line and "kms:Decrypt" in line["Action"]]

    assert on_key(dev) == []
    (line,) = on_key(stripe)
    changes = ("kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:CreateKey", "kms:TagResource")
    assert not {*changes} & {*line["Action"]}
    assert line["Condition"] == {
        "StringEquals": {"aws:ResourceTag/application": "orderbus", "aws:ResourceTag/stage": "dev"}
    }
    (key,) = stripe.of("KMS::Key")
    assert key.stack == NAMES.key_stack


def test_every_stage_has_a_deployer(prod: Graph, shared: Graph, stripe: Graph) -> None:
    for graph, names in ((prod, Names("prod")), (shared, NAMES), (stripe, NAMES)):
        assert "Boundary" in deployer_template(graph.templates.values(), names)["Resources"]


def test_stage_with_bridges_has_a_deployer(tmp_path_factory: pytest.TempPathFactory) -> None:
    kafka, hub = (json.loads(f"{{{blocks(page, 'json')[place]}}}") for page, place in BRIDGES)
    graph = Graph(dev_with(tmp_path_factory, bridges={**kafka, **hub, **RABBITMQ}))
    resources = deployer_template(graph.templates.values(), NAMES)["Resources"]
    allowed = json.dumps({name: each for name, each in resources.items() if name != "Boundary"})
    for action in ("events:CreateApiDestination", "events:CreateConnection", "ec2:DescribeSubnets"):
        assert f'"{action}"' in allowed
    boundary = json.dumps(resources["Boundary"])
    assert kafka["kafka"]["cluster_arn"].partition(":kafka:")[2] in boundary
    assert "ec2:CreateNetworkInterface" in boundary
