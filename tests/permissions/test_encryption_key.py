"""In a stage with a key, each function has exactly its use of the key, and each service its own."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pocketcloud import OfflineCloud
from pocketcloud.iam.access_request import AccessRequest
from pocketcloud.iam.principals import service
from tests.assemblies import dev_with_key
from tests.permissions.edges import STRANGER
from tests.permissions.grants import grants, roles, unused
from tests.permissions.paths import walk
from tests.permissions.people import DEV, POLICIES, person
from tests.workflow.operators import member
from tests.workflow.shop import PREFIX, Shop, an_order

SOURCES = {
    "sns.amazonaws.com": ("sns", f"{PREFIX}-order-created"),
    "events.amazonaws.com": ("events", f"rule/{PREFIX}-order-bus/{PREFIX}-order-created"),
    "cloudwatch.amazonaws.com": ("cloudwatch", f"alarm:{PREFIX}-api-failing"),
}
"""A resource for which each service uses the key."""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfflineCloud]:
    """The stage with a key and the stream, on which every path was walked."""
    with OfflineCloud.start(assembly=dev_with_key(tmp_path_factory)) as cloud:
        shop = Shop(cloud)
        walk(shop)
        cloud.client("cognito-idp").create_group(
            UserPoolId=cloud.outputs["UserPoolId"], GroupName="operators"
        )
        assert cloud.http("GET", "/analytics", customer=member(shop, "grace", "operators")).status == 200
        yield cloud


@pytest.fixture
def shop(cloud: OfflineCloud) -> Shop:
    cloud.reset()
    shop = Shop(cloud)
    shop.open()
    return shop


def the_key(cloud: OfflineCloud) -> str:
    (key,) = cloud.client("kms").list_keys()["Keys"]
    return str(key["KeyArn"])


def test_every_use_of_the_key_is_granted_and_used(cloud: OfflineCloud) -> None:
    on_key = [grant for grant in grants(cloud) if grant.action.startswith("kms:")]
    assert {grant.function for grant in on_key} == set(roles(cloud))
    assert [str(grant) for grant in unused(cloud) if grant.action.startswith("kms:")] == []
    assert cloud.access.denials == []


def test_services_used_the_key_for_their_deliveries(cloud: OfflineCloud) -> None:
    users = {use.principal for use in cloud.access.uses if use.resource == the_key(cloud)}
    assert {"sns.amazonaws.com", "events.amazonaws.com"} <= users


def test_order_stops_when_a_function_lacks_the_key(shop: Shop) -> None:
    iam, role = shop.cloud.client("iam"), roles(shop.cloud)[f"{PREFIX}-inventory"]
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    fewer = [each for each in document["Statement"] if the_key(shop.cloud) != each["Resource"]]
    assert len(fewer) == len(document["Statement"]) - 2
    changed = json.dumps({**document, "Statement": fewer})
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=changed)
    try:
        order_id = shop.place(an_order())
        shop.cloud.settle()
        assert shop.facts(order_id) == ["OrderCreated"]
        assert {denial.resource for denial in shop.cloud.access.denials} == {the_key(shop.cloud)}
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


def test_topic_delivers_nothing_when_the_key_rejects_it(shop: Shop) -> None:
    kms, key = shop.cloud.client("kms"), the_key(shop.cloud)
    policy = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    read = json.loads(policy)
    fewer = [each for each in read["Statement"] if each["Sid"] != "Topics"]
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps({**read, "Statement": fewer}))
    try:
        order_id = shop.place(an_order())
        shop.cloud.settle()
        assert shop.facts(order_id) == ["OrderCreated"]
        denied = {(denial.principal.name, denial.action) for denial in shop.cloud.access.denials}
        assert denied == {("sns.amazonaws.com", "kms:Decrypt")}
    finally:
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy)


@pytest.mark.parametrize("principal", SOURCES)
def test_service_uses_the_key_for_this_stage_alone(cloud: OfflineCloud, principal: str) -> None:
    of, name = SOURCES[principal]
    own = cloud.access.location.arn(of, name)

    def may(source: str, who: str = principal) -> bool:
        context = {"aws:sourcearn": source, "aws:sourceaccount": source.split(":")[4]}
        asked = AccessRequest("kms:GenerateDataKey", the_key(cloud), context)
        return cloud.access.decide(service(who), asked).allowed

    assert may(own)
    assert not may(own.replace("-dev", "-prod"))
    assert not may(own.replace(own.split(":")[4], STRANGER))
    assert not may(own, "s3.amazonaws.com")


def test_operator_handles_encrypted_messages(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.stock.commands.sleep", lambda seconds: shop.cloud.advance(seconds=seconds))
    observer = person(shop.cloud, "a-reader", *DEV.observer_policies)
    operator = person(shop.cloud, "a-changer", *POLICIES)
    url = shop.cloud.client("sqs").get_queue_url(QueueName=f"{PREFIX}-shipping")["QueueUrl"]
    shop.cloud.client("sqs").send_message(QueueUrl=url, MessageBody="no event at all")
    shop.cloud.settle()
    (group,) = observer.types("dlq", "ls")["groups"]
    observer.types("dlq", "show", group["messages"][0])
    assert observer.types("stock", "ls")
    operator.types("stock", "set", "CUP", 90, "--yes")
    operator.types("dlq", "purge", "--to", tmp_path / "purged.jsonl", "--yes")
    assert shop.cloud.access.denials == []
