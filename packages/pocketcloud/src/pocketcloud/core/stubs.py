"""Placeholders for resources of unsupported types: they can be referred to, and every use of one fails."""

from collections.abc import Iterable
from typing import Any

from botocore.exceptions import ClientError

ERROR_CODE = "NotImplemented"
STATUS = 501
_NAMES = {
    "kinesisfirehose": ("firehose",),
    "opensearchservice": ("opensearch", "es"),
}
"""Names of services in boto3 and in signatures, where resource types have another one."""


class Stubs:
    """The resource types that the user chose to deploy as placeholders, and the placeholders."""

    def __init__(self, types: Iterable[str] = ()) -> None:
        self.types = frozenset(types)
        self._services: dict[str, str] = {}
        self._places: dict[str, str] = {}

    def add(self, name: str, place: str, *, service: str | None) -> None:
        """Remember a placeholder; `service` is that of its type if no other type of it is supported."""
        self._places[name] = place
        if service is not None:
            for each in _NAMES.get(service.lower(), (service.lower(),)):
                self._services.setdefault(each, place)

    def reason(self, arn: str) -> str | None:
        """Return why a delivery to this ARN fails; None if it is not that of a placeholder."""
        place = next((place for name, place in self._places.items() if name in arn), None)
        return None if place is None else _sentence(place)

    def refusal(self, service: str) -> str | None:
        """Return why all calls of this service fail; None if they do not."""
        place = self._services.get(service)
        return None if place is None else _sentence(place)

    def check(self, service: str, operation: str) -> None:
        """Raise an AWS error for a call of a service that has only placeholders or is not supported."""
        if (reason := self.refusal(service)) is None:
            return
        response: Any = {
            "Error": {"Code": ERROR_CODE, "Message": reason},
            "ResponseMetadata": {"HTTPStatusCode": STATUS, "HTTPHeaders": {}, "RetryAttempts": 0},
        }
        raise ClientError(response, operation)


def _sentence(place: str) -> str:
    return f"{place} is a placeholder, because its type is not supported offline"
