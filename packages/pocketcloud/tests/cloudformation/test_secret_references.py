"""Dynamic references to secrets in properties, which CloudFormation resolves at deployment."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from changed_stack import parameter

from pocketcloud import OfflineCloud

Deploy = Callable[..., tuple[str, ...]]


def reference(rest: str) -> Any:
    return {"Fn::Join": ["", ["{{resolve:secretsmanager:", rest]]}


@pytest.mark.parametrize(
    ("rest", "value"),
    [
        ("hub:SecretString:key::}}", "k1"),
        ("hub:SecretString:key}}", "k1"),
        ("arn:aws:secretsmanager:eu-west-1:123456789012:secret:hub:SecretString:key::}}", "k1"),
        ("hub}}", '{"key": "k1"}'),
    ],
)
def test_reference_becomes_the_value_of_the_secret(
    cloud: OfflineCloud, deploy: Deploy, rest: str, value: str
) -> None:
    cloud.client("secretsmanager").create_secret(Name="hub", SecretString=json.dumps({"key": "k1"}))
    deploy({"P": parameter(reference(rest))})
    assert cloud.client("ssm").get_parameter(Name="table")["Parameter"]["Value"] == value


@pytest.mark.parametrize(
    ("rest", "problem"),
    [
        ("gone:SecretString:key::}}", "create the secret gone before the deployment"),
        ("hub:SecretString:other::}}", "the secret hub is no JSON object with the key other"),
        ("hub:SecretString:key:AWSPREVIOUS:}}", "unsupported offline"),
    ],
)
def test_reference_is_rejected_when_it_has_no_value(
    cloud: OfflineCloud, deploy: Deploy, rest: str, problem: str
) -> None:
    cloud.client("secretsmanager").create_secret(Name="hub", SecretString=json.dumps({"key": "k1"}))
    with pytest.raises(Exception, match=problem):
        deploy({"P": parameter(reference(rest))})
