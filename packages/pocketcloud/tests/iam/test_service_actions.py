"""The permissions that calls of many services need: each is denied without them and made with them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World, arn, policy, trust

from pocketcloud import OfflineCloud

ROLE = "arn:aws:iam::123456789012:role/caller"
POOL, KEY = "{pool}", "{key}"

CALLS: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("cloudwatch", "put_metric_data", {"Namespace": "shop", "MetricData": []}, "PutMetricData", "*"),
    ("cloudwatch", "list_metrics", {}, "ListMetrics", "*"),
    ("cognito-idp", "admin_create_user", {"UserPoolId": POOL, "Username": "u"}, "AdminCreateUser", POOL),
    ("dynamodb", "describe_time_to_live", {"TableName": "log"}, "DescribeTimeToLive", "table/log"),
    ("dynamodb", "list_tables", {}, "ListTables", "*"),
    ("dynamodb", "execute_statement", {"Statement": 'SELECT * FROM "log"'}, "PartiQLSelect", "table/log"),
    ("events", "put_rule", {"Name": "r", "EventPattern": '{"source":["a"]}'}, "PutRule", "rule/r"),
    ("events", "describe_event_bus", {}, "DescribeEventBus", "event-bus/default"),
    ("kms", "encrypt", {"KeyId": "alias/shop", "Plaintext": b"x"}, "Encrypt", KEY),
    ("kms", "generate_data_key", {"KeyId": KEY, "KeySpec": "AES_256"}, "GenerateDataKey", KEY),
    ("lambda", "list_functions", {}, "ListFunctions", "*"),
    ("logs", "create_log_group", {"logGroupName": "/g"}, "CreateLogGroup", "log-group:/g"),
    ("logs", "describe_log_groups", {}, "DescribeLogGroups", "log-group:*"),
    ("secretsmanager", "put_secret_value", {"SecretId": "s", "SecretString": "y"}, "PutSecretValue", "*"),
    ("secretsmanager", "get_random_password", {}, "GetRandomPassword", "*"),
    ("sns", "create_topic", {"Name": "t2"}, "CreateTopic", "t2"),
    ("sns", "unsubscribe", {"SubscriptionArn": arn("sns", "t2:1")}, "Unsubscribe", "t2"),
    ("sns", "publish", {"PhoneNumber": "+491711234567", "Message": "x"}, "Publish", "*"),
    ("ssm", "get_parameters", {"Names": ["/a/b"]}, "GetParameters", "parameter/a/b"),
    ("ssm", "get_parameters_by_path", {"Path": "/a"}, "GetParametersByPath", "parameter/a"),
    (
        "ssm",
        "put_parameter",
        {"Name": "/a/b", "Value": "2", "Overwrite": True},
        "PutParameter",
        "parameter/a/*",
    ),
    ("xray", "put_trace_segments", {"TraceSegmentDocuments": ["{}"]}, "PutTraceSegments", "*"),
]


@pytest.fixture
def cloud() -> Iterator[OfflineCloud]:
    with OfflineCloud() as cloud:
        yield cloud


@pytest.fixture
def place(cloud: OfflineCloud) -> dict[str, str]:
    """Create the resources of all calls; return the ARN of the user pool and the key, and their ids."""
    cloud.client("iam").create_role(RoleName="caller", AssumeRolePolicyDocument=json.dumps(trust("x.com")))
    World(cloud).table()
    cloud.client("sns").create_topic(Name="t")
    cloud.client("ssm").put_parameter(Name="/a/b", Value="1", Type="String")
    cloud.client("secretsmanager").create_secret(Name="s", SecretString="x")
    pool = cloud.client("cognito-idp").create_user_pool(PoolName="p")["UserPool"]["Id"]
    key = cloud.client("kms").create_key()["KeyMetadata"]["KeyId"]
    cloud.client("kms").create_alias(AliasName="alias/shop", TargetKeyId=key)
    return {POOL: pool, KEY: key}


def permit(cloud: OfflineCloud, action: str, resource: str, **more: Any) -> None:
    document = policy(Action=action, Resource=resource, **more)
    cloud.client("iam").put_role_policy(RoleName="caller", PolicyName="p", PolicyDocument=document)


@pytest.mark.parametrize(("service", "call", "parameters", "action", "resource"), CALLS)
def test_call_needs_its_own_permission(  # noqa: PLR0913, PLR0917 - the columns of the table
    cloud: OfflineCloud,
    place: dict[str, str],
    service: str,
    call: str,
    parameters: dict[str, Any],
    action: str,
    resource: str,
) -> None:
    given = {
        name: place.get(value, value) if isinstance(value, str) else value
        for name, value in parameters.items()
    }
    kind = {POOL: f"userpool/{place[POOL]}", KEY: f"key/{place[KEY]}"}.get(resource, resource)
    make = getattr(cloud.client(service, role=ROLE), call)
    permit(cloud, f"{service}:{action}Other", "*")
    with pytest.raises(ClientError) as denied:
        make(**given)
    # SNS writes its name in capitals.
    assert f"{service}:{action}".lower() in denied.value.response["Error"]["Message"].lower()
    permit(cloud, f"{service}:{action}", "*" if kind == "*" else arn(service, kind))
    make(**given)


def test_object_operations_need_what_s3_documents(cloud: OfflineCloud) -> None:
    s3, iam = cloud.client("s3"), cloud.client("iam")
    iam.create_role(RoleName="caller", AssumeRolePolicyDocument=json.dumps(trust("x.com")))
    s3.create_bucket(Bucket="files", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="files", Key="a", Body=b"x")
    caller = cloud.client("s3", role=ROLE)
    copy = {"Bucket": "files", "Key": "b", "CopySource": {"Bucket": "files", "Key": "a"}}
    permit(cloud, "s3:PutObject", "arn:aws:s3:::files/b")
    with pytest.raises(ClientError, match="s3:GetObject"):
        caller.copy_object(**copy)
    document = policy(Action="s3:GetObject", Resource="arn:aws:s3:::files/a")
    iam.put_role_policy(RoleName="caller", PolicyName="read", PolicyDocument=document)
    caller.copy_object(**copy)
    caller.create_multipart_upload(Bucket="files", Key="b")
    with pytest.raises(ClientError, match="s3:PutObjectTagging"):
        caller.put_object_tagging(Bucket="files", Key="b", Tagging={"TagSet": []})
    with pytest.raises(ClientError, match="s3:ListAllMyBuckets"):
        caller.list_buckets()


def test_namespace_of_metrics_can_be_limited(cloud: OfflineCloud, place: dict[str, str]) -> None:
    del place
    limited = {"StringEquals": {"cloudwatch:namespace": "shop"}}
    permit(cloud, "cloudwatch:PutMetricData", "*", Condition=limited)
    caller = cloud.client("cloudwatch", role=ROLE)
    caller.put_metric_data(Namespace="shop", MetricData=[{"MetricName": "m", "Value": 1}])
    with pytest.raises(ClientError, match="cloudwatch:PutMetricData"):
        caller.put_metric_data(Namespace="other", MetricData=[{"MetricName": "m", "Value": 1}])


def test_ciphertext_names_its_key(cloud: OfflineCloud, place: dict[str, str]) -> None:
    blob = cloud.client("kms").encrypt(KeyId=place[KEY], Plaintext=b"x")["CiphertextBlob"]
    permit(cloud, "kms:Decrypt", arn("kms", f"key/{place[KEY]}"))
    assert cloud.client("kms", role=ROLE).decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_sign_in_needs_no_permission(cloud: OfflineCloud, place: dict[str, str]) -> None:
    pool = cloud.client("cognito-idp").create_user_pool_client(UserPoolId=place[POOL], ClientName="c")
    client_id = pool["UserPoolClient"]["ClientId"]
    caller = cloud.client("cognito-idp", role=ROLE)
    caller.sign_up(ClientId=client_id, Username="ada", Password="Secret-1234")
    with pytest.raises(ClientError, match=r"NotAuthorizedException|NotConfirmed"):
        caller.initiate_auth(
            ClientId=client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "ada", "PASSWORD": "wrong"},
        )


@pytest.mark.parametrize(
    ("statement", "action"),
    [
        ("INSERT INTO \"log\" VALUE {'pk': 'a'}", "PartiQLInsert"),
        ("UPDATE log SET n = 1 WHERE pk = 'a'", "PartiQLUpdate"),
        ("DELETE FROM log WHERE pk = 'a'", "PartiQLDelete"),
        ('SELECT n FROM "log"."by-n" WHERE n = 1', "PartiQLSelect"),
    ],
)
def test_statement_names_its_action(
    cloud: OfflineCloud, place: dict[str, str], statement: str, action: str
) -> None:
    del place
    with pytest.raises(ClientError, match=f"dynamodb:{action} on resource: .*table/log"):
        cloud.client("dynamodb", role=ROLE).execute_statement(Statement=statement)
