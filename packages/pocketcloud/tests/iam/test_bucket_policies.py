"""Bucket policies decide who reads and writes objects.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-policy-language-overview.html
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from served_cloud import ask
from small_world import World, trust

from pocketcloud import OfflineCloud
from pocketcloud.serving.server import serve

ROLE = "arn:aws:iam::123456789012:role/reader"


@pytest.fixture
def cloud() -> Iterator[OfflineCloud]:
    with OfflineCloud() as cloud:
        s3, iam = cloud.client("s3"), cloud.client("iam")
        s3.create_bucket(Bucket="files", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_object(Bucket="files", Key="a/b", Body=b"x")
        document = json.dumps(trust("lambda.amazonaws.com"))
        iam.create_role(RoleName="reader", AssumeRolePolicyDocument=document)
        yield cloud


def policy(effect: str, action: str, resource: str, **more: Any) -> str:
    statement = {"Effect": effect, "Principal": {"AWS": ROLE}, "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_bucket_policy_allows_a_role_to_read(cloud: OfflineCloud) -> None:
    reader = cloud.client("s3", role=ROLE)
    with pytest.raises(ClientError, match="AccessDenied") as caught:
        reader.get_object(Bucket="files", Key="a/b")
    assert caught.value.response["Error"]["Message"] == (
        f'User: {ROLE} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::files/a/b"'
        " because no identity-based policy allows the s3:GetObject action"
    )
    allowing = policy("Allow", "s3:GetObject", "arn:aws:s3:::files/a/*")
    cloud.client("s3").put_bucket_policy(Bucket="files", Policy=allowing)
    assert reader.get_object(Bucket="files", Key="a/b")["Body"].read() == b"x"
    with pytest.raises(ClientError, match="AccessDenied"):
        reader.get_object(Bucket="files", Key="c")


def test_bucket_policy_denies_what_the_role_allows(cloud: OfflineCloud) -> None:
    allowed = policy("Allow", "s3:*", "*").replace(f'"Principal": {{"AWS": "{ROLE}"}}, ', "")
    cloud.client("iam").put_role_policy(RoleName="reader", PolicyName="all", PolicyDocument=allowed)
    reader = cloud.client("s3", role=ROLE)
    assert reader.get_object(Bucket="files", Key="a/b")["Body"].read() == b"x"
    denied = policy("Deny", "s3:GetObject", "arn:aws:s3:::files/*")
    cloud.client("s3").put_bucket_policy(Bucket="files", Policy=denied)
    with pytest.raises(ClientError, match="with an explicit deny in a resource-based policy"):
        reader.get_object(Bucket="files", Key="a/b")
    cloud.client("s3").delete_bucket_policy(Bucket="files")
    assert reader.get_object(Bucket="files", Key="a/b")["Body"].read() == b"x"


def test_denied_head_request_has_only_a_status(cloud: OfflineCloud) -> None:
    with pytest.raises(ClientError) as caught:
        cloud.client("s3", role=ROLE).head_object(Bucket="files", Key="a/b")
    assert caught.value.response["Error"] == {"Code": "403", "Message": "Forbidden", "Type": "Sender"}


def test_function_reads_by_a_bucket_policy(cloud: OfflineCloud) -> None:
    source = """
        import boto3
        def handle(event, context):
            return boto3.client("s3").get_object(Bucket="files", Key="a/b")["Body"].read().decode()
    """
    world = World(cloud)
    world.function("f", source)
    assert cloud.invoke("f", {}).payload == "x"
    denied = policy("Deny", "s3:*", "arn:aws:s3:::files/*", Principal="*")
    cloud.client("s3").put_bucket_policy(Bucket="files", Policy=denied)
    assert "AccessDenied" in str(cloud.invoke("f", {}).error)


def test_bucket_policy_may_require_the_owners_full_control(cloud: OfflineCloud) -> None:
    acl = "bucket-owner-full-control"
    owned = {"StringEquals": {"s3:x-amz-acl": acl}}
    allowing = policy("Allow", "s3:PutObject", "arn:aws:s3:::files/*", Condition=owned)
    cloud.client("s3").put_bucket_policy(Bucket="files", Policy=allowing)
    writer = cloud.client("s3", role=ROLE)
    with pytest.raises(ClientError, match="AccessDenied"):
        writer.put_object(Bucket="files", Key="c", Body=b"x")
    writer.put_object(Bucket="files", Key="c", Body=b"x", ACL=acl)


def test_encrypted_transport_may_be_required(cloud: OfflineCloud) -> None:
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    required = policy("Deny", "s3:*", "arn:aws:s3:::files/*", Condition=condition).replace(ROLE, "*")
    cloud.client("s3").put_bucket_policy(Bucket="files", Policy=required)
    cloud.client("s3").put_object(Bucket="files", Key="a/b", Body=b"y")
    allowed = policy("Allow", "s3:*", "*").replace(f'"Principal": {{"AWS": "{ROLE}"}}, ', "")
    cloud.client("iam").put_role_policy(RoleName="reader", PolicyName="all", PolicyDocument=allowed)
    reader = cloud.client("s3", role=ROLE)
    assert reader.get_object(Bucket="files", Key="a/b")["Body"].read() == b"y"
    reader.delete_objects(Bucket="files", Delete={"Objects": [{"Key": "a/b"}]})
    assert "Contents" not in reader.list_objects_v2(Bucket="files")


@pytest.mark.parametrize(
    ("effect", "more", "status"),
    [
        ("Allow", {}, 200),
        ("Allow", {"Condition": {"StringEquals": {"aws:PrincipalAccount": "1"}}}, 403),
        ("Deny", {}, 403),
    ],
)
def test_policy_admits_anonymous_requests(
    cloud: OfflineCloud, effect: str, more: dict[str, Any], status: int
) -> None:
    admitting = policy(effect, "s3:GetObject", "arn:aws:s3:::files/*", **more).replace(ROLE, "*")
    cloud.client("s3").put_bucket_policy(Bucket="files", Policy=admitting)
    with serve(cloud, aws_port=0, http_port=0) as served:
        found, _, body = ask("GET", f"{served.aws_url}/files/a/b")
    assert (found, body if found == 200 else b"") == (status, b"x" if status == 200 else b"")
