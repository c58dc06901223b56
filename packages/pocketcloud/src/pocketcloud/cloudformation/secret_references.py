"""Dynamic references to secrets: `{{resolve:secretsmanager:NAME:SecretString:KEY}}`.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
"""

import json
import re
from typing import Any

from botocore.exceptions import ClientError

from pocketcloud.cloudformation.errors import TemplateError
from pocketcloud.cloudformation.intrinsics import Value
from pocketcloud.cloudformation.resources.account import TargetAccount

_REFERENCE = re.compile(
    r"\{\{resolve:secretsmanager:(?P<id>arn:(?:[^:}]*:){5}[^:}]+|[^:}]+)"
    r"(?::SecretString(?::(?P<key>[^:}]*):{0,2})?)?\}\}"
)


def with_secrets(value: Value, account: TargetAccount, where: str) -> Value:
    """Replace each reference by the secret's current value; raise TemplateError if it has none."""
    if isinstance(value, dict):
        return {key: with_secrets(child, account, f"{where}.{key}") for key, child in value.items()}
    if isinstance(value, list):
        return [with_secrets(item, account, f"{where}[{index}]") for index, item in enumerate(value)]
    if not isinstance(value, str) or "{{resolve:" not in value:
        return value
    filled = _REFERENCE.sub(lambda found: _secret(found["id"], found["key"], account, where), value)
    if "{{resolve:" in filled:
        raise TemplateError(where, f"unsupported offline: {value}; name a secret and a key, and no version")
    return filled


def _secret(secret_id: str, key: str | None, account: TargetAccount, where: str) -> str:
    try:
        text: str = account.client("secretsmanager").get_secret_value(SecretId=secret_id)["SecretString"]
    except ClientError as error:
        raise TemplateError(where, f"create the secret {secret_id} before the deployment: {error}") from error
    return _member(text, key, secret_id, where) if key else text


def _member(text: str, key: str, secret_id: str, where: str) -> str:
    try:
        members: Any = json.loads(text)
    except ValueError:
        members = None
    if not isinstance(members, dict) or key not in members:
        raise TemplateError(where, f"the secret {secret_id} is no JSON object with the key {key}")
    return str(members[key])
