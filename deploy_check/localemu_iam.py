"""The step that lets LocalEmu evaluate the deployer's policies."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from deploy_check.assembly import Template, stacks, template
from deploy_check.deployment import Deployment
from deploy_check.endpoint import Key
from deploy_check.failure import require
from infrastructure.deployer.template import deployer_template

CREATED: dict[str, Callable[[Callable[[str], Any], str], object]] = {
    "queue": lambda client, name: client("sqs").create_queue(QueueName=name),
    "topic": lambda client, name: client("sns").create_topic(Name=name),
    "table": lambda client, name: client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    ),
    "log group": lambda client, name: client("logs").create_log_group(logGroupName=f"/aws/lambda/{name}"),
    "alarm": lambda client, name: client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace="Check",
        MetricName="Checks",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    ),
}
"""The request with which CloudFormation's handlers create each kind of resource.

LocalEmu 1.3.2 cannot judge three others: it asks events:CreateEventBus of a rule and iam:CreatePolicy of
every resource, and for iam:CreateRole it does not know the key iam:PermissionsBoundary.
"""


def limit_deployer(check: Deployment) -> str:
    """Check that the deployer's policies allow what the stage has, and nothing of another stage."""
    whole = check.folder / "whole"
    templates = [template(whole, name) for name in stacks(whole)]
    stack = _create_stack(check, "deployer", deployer_template(templates, check.names))
    key = _user(check, "deployer", *stack["Outputs"][0]["OutputValue"].split(","))
    own = _denied(check, key, check.names.of("made-by-deployer"))
    require(met=not own, otherwise=f"the deployer may not create its own {', '.join(own)}")
    others = _denied(check, key, "orderbus-another-made-by-deployer")
    allowed = sorted(CREATED.keys() - others)
    require(met=not allowed, otherwise=f"the deployer may create another stage's {', '.join(allowed)}")
    return f"{', '.join(CREATED)}: its own are allowed, another stage's are denied"


def _create_stack(check: Deployment, name: str, document: Template) -> dict[str, Any]:
    """Create a stack as root; return its description."""
    client = check.endpoint.client("cloudformation")
    client.create_stack(
        StackName=name, TemplateBody=json.dumps(document), Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    client.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    (stack,) = client.describe_stacks(StackName=name)["Stacks"]
    return dict(stack)


def _denied(check: Deployment, key: Key, name: str) -> list[str]:
    """Try to create a resource of each kind with that name; return the kinds that IAM denies."""
    client = partial(check.endpoint.client, key=key)
    return [kind for kind, create in CREATED.items() if _is_denied(partial(create, client, name))]


def _is_denied(call: Callable[[], object]) -> bool:
    try:
        call()
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("AccessDenied", "AccessDeniedException"):
            raise
        return True
    return False


def _user(check: Deployment, name: str, *policies: str) -> Key:
    """Create a user with these policies; return its access key."""
    iam = check.endpoint.client("iam")
    iam.create_user(UserName=name)
    for policy in policies:
        iam.attach_user_policy(UserName=name, PolicyArn=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]
