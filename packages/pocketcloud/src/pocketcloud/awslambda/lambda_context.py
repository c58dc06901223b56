"""The context object that Lambda's Python runtime gives to a handler.

https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
"""

import json
import sys
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

_CLIENT_FIELDS = (
    "installation_id",
    "app_title",
    "app_version_name",
    "app_version_code",
    "app_package_name",
)


@dataclass(frozen=True, slots=True)
class CognitoIdentity:
    """The identity that authorized the request; only AWS's mobile SDK sends one."""

    cognito_identity_id: None = None
    cognito_identity_pool_id: None = None


@dataclass(frozen=True, slots=True)
class ClientContext:
    """The data that the caller of Invoke passes beside the event."""

    custom: Any
    env: Any
    client: SimpleNamespace | None

    @classmethod
    def from_header(cls, text: str) -> "ClientContext":
        """Read base64 of a JSON object; raise ValueError for anything else."""
        document = json.loads(b64decode(text, validate=True))
        if not isinstance(document, dict):
            raise ValueError("the client context is not a JSON object")  # noqa: TRY004 - as for bad JSON
        client = document.get("client")
        if isinstance(client, dict):
            client = SimpleNamespace(**{name: client.get(name) for name in _CLIENT_FIELDS})
        return cls(document.get("custom"), document.get("env"), client)


@dataclass(frozen=True)
class LambdaContext:
    """The context object of one invocation; its remaining time uses the virtual clock."""

    function_name: str
    invoked_function_arn: str
    aws_request_id: str
    memory_limit_in_mb: str
    """Text, as in the real runtime."""
    log_stream_name: str
    deadline: datetime
    now: Callable[[], datetime] = field(repr=False)
    function_version: str
    client_context: ClientContext | None = None
    identity: CognitoIdentity = CognitoIdentity()
    tenant_id: None = None

    @property
    def log_group_name(self) -> str:
        """The function's log group in CloudWatch Logs."""
        return f"/aws/lambda/{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda stops the function."""
        return max(0, round((self.deadline - self.now()).total_seconds() * 1000))

    def log(self, message: object) -> None:
        """Write to the function's log."""
        sys.stdout.write(str(message))
