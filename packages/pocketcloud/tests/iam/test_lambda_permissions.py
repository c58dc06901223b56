"""Letters leave an account in the SES sandbox, where each recipient is an identity too, from one sender."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import arn

from pocketcloud import OfflineCloud

US, ADA = "us@example.com", "ada@example.com"


@pytest.fixture
def cloud() -> Iterator[OfflineCloud]:
    with OfflineCloud(seed=1) as cloud:
        trust = '{"Version": "2012-10-17", "Statement": []}'
        cloud.client("iam").create_role(RoleName="post", AssumeRolePolicyDocument=trust)
        for address in (US, ADA):
            cloud.client("sesv2").create_email_identity(EmailIdentity=address)
        yield cloud


def grant(cloud: OfflineCloud, **statement: Any) -> None:
    allowed = {"Effect": "Allow", "Action": "ses:SendEmail", **statement}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    cloud.client("iam").put_role_policy(RoleName="post", PolicyName="send", PolicyDocument=document)


def send(cloud: OfflineCloud, sender: str) -> None:
    content = {"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "b"}}}}
    post = cloud.client("sesv2", role="arn:aws:iam::123456789012:role/post")
    post.send_email(FromEmailAddress=sender, Destination={"ToAddresses": [ADA]}, Content=content)


def test_the_sender_s_identity_alone_does_not_suffice(cloud: OfflineCloud) -> None:
    grant(cloud, Resource=arn("ses", f"identity/{US}"))
    with pytest.raises(ClientError, match=f"resource `{arn('ses', f'identity/{ADA}')}'"):
        send(cloud, US)


def test_every_identity_does_for_the_sender_that_the_condition_names_and_for_no_other(
    cloud: OfflineCloud,
) -> None:
    one = {"StringEquals": {"ses:FromAddress": US}}
    grant(cloud, Resource=arn("ses", "identity/*"), Condition=one)
    send(cloud, US)
    assert [mail.to for mail in cloud.mails] == [(ADA,)]
    with pytest.raises(ClientError, match="not authorized to perform `ses:SendEmail'"):
        send(cloud, ADA)
