"""What the commands need of a cloud; `pocketcloud.cloud.OfflineCloud` is one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from pocketcloud.apigateway.http_api import Client
from pocketcloud.apigateway.http_message import Reply
from pocketcloud.core.journal import Journal, MessageDelivery, Undelivered


class _Clock(Protocol):
    def now(self) -> datetime: ...


class _Calls(Protocol):
    @property
    def counts(self) -> Counter[str]: ...


class Cloud(Protocol):
    """A cloud in virtual time that keeps a journal."""

    @property
    def clock(self) -> _Clock:
        """Virtual time."""

    @property
    def calls(self) -> _Calls:
        """What the functions asked of AWS."""

    @property
    def journal(self) -> Journal:
        """Every hop of every event."""

    @property
    def deliveries(self) -> Sequence[MessageDelivery]:
        """Every message handed to a function."""

    @property
    def undelivered(self) -> Sequence[Undelivered]:
        """Every event that reached nobody."""

    @property
    def mails(self) -> Sequence[object]:
        """Every mail sent through SES."""

    def http(
        self,
        method: str,
        path: str,
        *,
        json: object,
        headers: Mapping[str, str],
        customer: str | None,
    ) -> Reply:
        """Ask the HTTP API as this customer."""

    def put_events(self, entries: list[dict[str, Any]]) -> dict[str, Any]:
        """EventBridge's PutEvents."""

    def advance(self, *, seconds: float) -> None:
        """Let virtual time pass, and run what falls due."""

    def skip(self, *, seconds: float) -> None:
        """Settle, and let time pass in which nothing happens."""

    def settle(self) -> None:
        """Run until nothing is in flight."""

    def client(self, service: str) -> Client:
        """A boto3 client."""
