"""Sending email in the SES sandbox needs permission for the sender's and every recipient's identity."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import arn

from pocketcloud import OfflineCloud

SHOP, ADA = "shop@example.com", "ada@example.com"


@pytest.fixture
def cloud() -> Iterator[OfflineCloud]:
    with OfflineCloud(seed=1) as cloud:
        trust = '{"Version": "2012-10-17", "Statement": []}'
        cloud.client("iam").create_role(RoleName="mailer", AssumeRolePolicyDocument=trust)
        for address in (SHOP, ADA):
            cloud.client("sesv2").create_email_identity(EmailIdentity=address)
        yield cloud


def grant(cloud: OfflineCloud, **statement: Any) -> None:
    allowed = {"Effect": "Allow", "Action": "ses:SendEmail", **statement}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    cloud.client("iam").put_role_policy(RoleName="mailer", PolicyName="send", PolicyDocument=document)


def send(cloud: OfflineCloud, sender: str) -> None:
    content = {"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "b"}}}}
    ses = cloud.client("sesv2", role="arn:aws:iam::123456789012:role/mailer")
    ses.send_email(FromEmailAddress=sender, Destination={"ToAddresses": [ADA]}, Content=content)


def test_permission_on_the_senders_identity_is_not_enough(cloud: OfflineCloud) -> None:
    grant(cloud, Resource=arn("ses", f"identity/{SHOP}"))
    with pytest.raises(ClientError, match=f"resource `{arn('ses', f'identity/{ADA}')}'"):
        send(cloud, SHOP)


def test_condition_on_the_sender_allows_only_that_sender(
    cloud: OfflineCloud,
) -> None:
    one = {"StringEquals": {"ses:FromAddress": SHOP}}
    grant(cloud, Resource=arn("ses", "identity/*"), Condition=one)
    send(cloud, SHOP)
    assert [mail.to for mail in cloud.mails] == [(ADA,)]
    with pytest.raises(ClientError, match="not authorized to perform `ses:SendEmail'"):
        send(cloud, ADA)
