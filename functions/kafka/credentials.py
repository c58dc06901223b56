"""The authentication to the cluster: a user from Secrets Manager, or the function's role."""

import os
from typing import Any

import msgspec

from functions.kafka.iam_token import role_token
from functions.shared.runtime.clients import secrets_manager
from functions.shared.runtime.environment import required

IAM = "IAM"
"""The setting that says that the cluster reads the function's role."""


class KafkaUser(msgspec.Struct, frozen=True, kw_only=True):
    """The secret's JSON, as Lambda's event source mapping reads it too; its values stay out of logs."""

    username: str
    password: str

    def __repr__(self) -> str:
        return "KafkaUser(…)"


def security() -> dict[str, Any]:
    """Return the client's settings for TLS and SASL; none for a broker on this machine.

    Raise ClientError if the secret is empty.
    """
    mechanism = os.environ.get("KAFKA_SASL")
    if mechanism is None:
        return {}
    if mechanism == IAM:
        return {"security.protocol": "SASL_SSL", "sasl.mechanism": "OAUTHBEARER", "oauth_cb": role_token}
    value = secrets_manager().get_secret_value(SecretId=required("KAFKA_SECRET"))["SecretString"]
    user = msgspec.json.decode(value, type=KafkaUser)
    return {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": mechanism,
        "sasl.username": user.username,
        "sasl.password": user.password,
    }
