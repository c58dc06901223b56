"""Clients of the AWS endpoint have the permissions of their access key, or of the role it acts as."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from served_cloud import SIGNED, ask
from small_world import World, entry

from pocketcloud import OfflineCloud
from pocketcloud.cloudformation.stack_records import StackRecord
from pocketcloud.iam.account_policies import UnknownRoleError
from pocketcloud.serving.chosen_caller import find_caller
from pocketcloud.serving.server import Served, serve
from pocketcloud.virtual_time.latency import Latency

ACCOUNT = "arn:aws:iam::123456789012:"
SESSION = "arn:aws:sts::123456789012:assumed-role/support/pocketcloud"
ONE_REQUEST = Config(retries={"max_attempts": 0})
DENIED = "AccessDeniedException"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:t"
JOBS = "arn:aws:sqs:eu-west-1:123456789012:jobs"


@pytest.fixture
def whole() -> Iterator[OfflineCloud]:
    with OfflineCloud(start_at=datetime.now(UTC)) as cloud:
        cloud.engine.latency = Latency.NONE
        yield cloud


def allow(*actions: str, resource: str = "*") -> str:
    statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def make_role(cloud: OfflineCloud, policy: str) -> None:
    iam = cloud.client("iam")
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "123456789012"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam.create_role(RoleName="support", AssumeRolePolicyDocument=document)
    iam.put_role_policy(RoleName="support", PolicyName="its", PolicyDocument=policy)


@contextmanager
def acting(cloud: OfflineCloud, policy: str) -> Iterator[Served]:
    """Serve with the permissions of a role that has this policy."""
    make_role(cloud, policy)
    with serve(cloud, aws_port=0, http_port=0, caller=find_caller(cloud, "support")) as served:
        yield served


def client(served: Served, service: str, key: str = "any", secret: str = "any") -> Any:  # noqa: S107 - no secret
    return boto3.client(  # type: ignore[call-overload]  # any service's name
        service,
        endpoint_url=served.aws_url,
        region_name="eu-west-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=ONE_REQUEST,
    )


def error(call: Any, **parameters: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    response = caught.value.response
    return (
        response["ResponseMetadata"]["HTTPStatusCode"],
        response["Error"]["Code"],
        response["Error"]["Message"],
    )


def test_role_allows_what_its_policy_names(whole: OfflineCloud) -> None:
    world = World(whole)
    world.queue("jobs")
    world.queue("other")
    with acting(whole, allow("sqs:SendMessage", "sqs:ReceiveMessage", resource=JOBS)) as served:
        sqs = client(served, "sqs")
        sqs.send_message(QueueUrl=world.url("jobs"), MessageBody="mine")
        received = sqs.receive_message(QueueUrl=world.url("jobs"), WaitTimeSeconds=1)
        assert [message["Body"] for message in received["Messages"]] == ["mine"]
        status, code, message = error(sqs.send_message, QueueUrl=world.url("other"), MessageBody="x")
    assert (status, code) == (403, "AccessDenied")
    assert message == (
        f"User: {SESSION} is not authorized to perform: sqs:sendmessage on resource:"
        " arn:aws:sqs:eu-west-1:123456789012:other because no identity-based policy allows the"
        " sqs:sendmessage action"
    )


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    [
        ("dynamodb", "get_item", {"TableName": "t", "Key": {"k": {"S": "a"}}}, (400, DENIED)),
        ("dynamodb", "delete_table", {"TableName": "t"}, (400, DENIED)),
        ("lambda", "invoke", {"FunctionName": "f"}, (403, DENIED)),
        ("sns", "publish", {"TopicArn": TOPIC, "Message": "m"}, (403, "AuthorizationError")),
        ("sns", "list_topics", {}, (403, "AuthorizationError")),
        ("s3", "get_object", {"Bucket": "b", "Key": "k"}, (403, "AccessDenied")),
        ("s3", "head_object", {"Bucket": "b", "Key": "k"}, (403, "403")),
        ("iam", "create_user", {"UserName": "u"}, (403, "AccessDenied")),
        ("cloudformation", "list_stacks", {}, (403, "AccessDenied")),
        ("logs", "filter_log_events", {"logGroupName": "g"}, (400, DENIED)),
        ("scheduler", "list_schedules", {}, (403, DENIED)),
    ],
)
def test_denial_has_the_shape_of_the_service(
    whole: OfflineCloud, service: str, operation: str, parameters: dict[str, Any], expected: tuple[int, str]
) -> None:
    with acting(whole, allow("ssm:GetParameter")) as served:
        assert error(getattr(client(served, service), operation), **parameters)[:2] == expected


def test_operation_without_known_resource_needs_all_of_them(whole: OfflineCloud) -> None:
    policies = {"*": None, TOPIC: 501}
    for resource, expected in policies.items():
        if resource != "*":
            whole.client("iam").delete_role_policy(RoleName="support", PolicyName="its")
            whole.client("iam").delete_role(RoleName="support")
        with acting(whole, allow("sns:ListPlatformApplications", resource=resource)) as served:
            sns = client(served, "sns")
            if expected is None:
                assert sns.list_platform_applications()["PlatformApplications"] == []
            else:
                assert error(sns.list_platform_applications)[:2] == (501, "NotImplemented")


def test_user_has_the_policies_of_its_groups(whole: OfflineCloud) -> None:
    iam = whole.client("iam")
    iam.create_user(UserName="ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    with serve(whole, aws_port=0, http_port=0) as served:
        sqs = client(served, "sqs", key["AccessKeyId"], key["SecretAccessKey"])
        status, code, message = error(sqs.create_queue, QueueName="jobs")
        assert (status, code) == (403, "AccessDenied")
        assert message.startswith(f"User: {ACCOUNT}user/ada is not authorized to perform: sqs:createqueue")
        iam.create_group(GroupName="makers")
        iam.put_group_policy(GroupName="makers", PolicyName="p", PolicyDocument=allow("sqs:CreateQueue"))
        iam.add_user_to_group(GroupName="makers", UserName="ada")
        assert sqs.create_queue(QueueName="jobs")["QueueUrl"].endswith("/jobs")


def test_assumed_role_has_its_own_session(whole: OfflineCloud) -> None:
    make_role(whole, allow("ssm:GetParameter"))
    with serve(whole, aws_port=0, http_port=0) as served:
        session = client(served, "sts").assume_role(RoleArn=f"{ACCOUNT}role/support", RoleSessionName="ada")[
            "Credentials"
        ]
        queues = client(served, "sqs", session["AccessKeyId"], session["SecretAccessKey"]).list_queues
        assert error(queues)[2].startswith(
            "User: arn:aws:sts::123456789012:assumed-role/support/ada is not authorized to perform"
        )


def put_events(served: Served, *buses: str) -> tuple[int, str | None]:
    """Put events without boto3, which this process keeps from sending them."""
    body = json.dumps({"Entries": [entry(bus) for bus in buses]}).encode()
    headers = {"X_Amz_Target": "AWSEvents.PutEvents", "Content_Type": "application/x-amz-json-1.1"}
    signed = SIGNED.replace("/sqs/", "/events/")
    status, _, content = ask("POST", f"{served.aws_url}/", body, **headers, Authorization=signed)
    return status, json.loads(content).get("__type")


def test_put_events_to_permitted_and_denied_bus_is_rejected(whole: OfflineCloud) -> None:
    World(whole).bus("mine")
    bus = "arn:aws:events:eu-west-1:123456789012:event-bus/mine"
    with acting(whole, allow("events:PutEvents", resource=bus)) as served:
        assert put_events(served, "mine") == (200, None)
        assert put_events(served, "mine", "default") == (501, "NotImplemented")
        assert put_events(served, "default") == (400, DENIED)


def test_role_is_found_by_logical_id_or_is_unknown(whole: OfflineCloud) -> None:
    make_role(whole, allow("ssm:GetParameter"))
    resources = {"Support": ("AWS::IAM::Role", "support")}
    whole.stacks.append(StackRecord("id", "Shop", datetime.now(UTC), (), resources))
    for chosen in ("support", "Support", "Shop/Support", f"{ACCOUNT}role/support"):
        found = find_caller(whole, chosen)
        assert found is not None
        assert found.name == SESSION
    with pytest.raises(UnknownRoleError, match="--as Nobody is no role here"):
        find_caller(whole, "Nobody")
