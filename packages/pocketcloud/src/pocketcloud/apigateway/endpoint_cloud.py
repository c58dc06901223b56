"""The parts of the offline cloud that HTTP APIs, REST APIs and function URLs use."""

from datetime import datetime
from typing import Any, Protocol

from pocketcloud.cloudwatch.metrics import Metrics
from pocketcloud.iam.access import AccessControl


class _Clock(Protocol):
    def now(self) -> datetime: ...


class _Result(Protocol):
    @property
    def payload(self) -> object: ...
    @property
    def error(self) -> object | None: ...


class EndpointCloud(Protocol):
    """An offline cloud with functions, for every HTTP endpoint."""

    @property
    def clock(self) -> _Clock:
        """The virtual clock."""

    @property
    def metrics(self) -> Metrics:
        """CloudWatch metrics."""

    @property
    def access(self) -> AccessControl:
        """IAM authorization."""

    def client(self, service: str, *, role: str | None = None) -> Any:
        """Return a boto3 client with the permissions of a role, or the administrator's."""

    def invoke(
        self, function_name: str, payload: dict[str, Any], *, source_arn: str | None = None
    ) -> _Result:
        """Invoke a function (`name` or `name:alias`) synchronously."""

    def token(self, user: str) -> str:
        """Return an access token of the user for the HTTP API."""
