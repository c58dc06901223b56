"""A search of dead-letter queues sends few requests, and waits only for messages that SQS has counted."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest

from cli.dlq.queues import dead_letter_queues
from cli.dlq.search import MessageSelection, SearchResult, search
from infrastructure.names import Names

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

NAMES = Names("dev")
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
QUEUES = (
    "orders",
    "inventory",
    "payments",
    "shipping",
    "notifications",
    "fraud",
    "views",
    "order-bus",
    "relay",
)
ALL = (*QUEUES, "inventory-levels")


class Queues:
    """SQS with messages in some dead-letter queues; records its requests."""

    def __init__(
        self, *, visible: dict[str, int], hidden: dict[str, int] | None = None, counted: int = 0
    ) -> None:
        self.visible, self.hidden = visible, hidden or {}
        self.counted = counted
        """The surplus of its first count."""
        self.calls: list[str] = []
        self.waits: list[tuple[str, int]] = []
        self._held: dict[str, int] = {}

    def get_paginator(self, _: str) -> "Queues":
        self.calls.append("ListQueues")
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        urls = [f"https://sqs/1/{NAMES.dead_letter_queue(name)}" for name in ALL]
        return [{"QueueUrls": urls}]

    def get_queue_attributes(self, **asked: Any) -> dict[str, Any]:
        self.calls.append("GetQueueAttributes")
        queue = asked["QueueUrl"].rpartition("/")[2]
        surplus = self.counted if self.visible.get(queue) and not self._held.get(queue) else 0
        return {
            "Attributes": {
                "QueueArn": f"arn:aws:sqs:r:1:{queue}",
                "ApproximateNumberOfMessages": str(self.visible.get(queue, 0) + surplus),
                "ApproximateNumberOfMessagesDelayed": "0",
                "ApproximateNumberOfMessagesNotVisible": str(
                    self.hidden.get(queue, 0) + self._held.get(queue, 0)
                ),
            }
        }

    def receive_message(self, **asked: Any) -> dict[str, Any]:
        self.calls.append("ReceiveMessage")
        queue = asked["QueueUrl"].rpartition("/")[2]
        out = min(self.visible.get(queue, 0), asked["MaxNumberOfMessages"])
        self.waits.append((queue, 0 if out else asked["WaitTimeSeconds"]))
        start = self._held.get(queue, 0)
        self.visible[queue] = self.visible.get(queue, 0) - out
        self._held[queue] = start + out
        return {"Messages": [a_message(f"{queue}-{start + number}") for number in range(out)]}

    def change_message_visibility_batch(self, **_: Any) -> dict[str, Any]:
        return {}

    def found(self) -> SearchResult:
        sqs = cast("SQSClient", self)
        return search(sqs, dead_letter_queues(sqs, NAMES), MessageSelection(now=NOW), limit=1000)


def a_message(message_id: str) -> dict[str, Any]:
    return {"MessageId": message_id, "ReceiptHandle": "h", "Body": "x", "Attributes": {"SentTimestamp": "0"}}


def queue(name: str) -> str:
    return NAMES.dead_letter_queue(name)


def test_search_asks_each_queue_once_when_all_are_empty() -> None:
    queues = Queues(visible={})
    assert queues.found().looked_at == 0
    assert sorted(queues.calls) == ["GetQueueAttributes"] * len(ALL) + ["ListQueues"]


def test_search_never_waits_when_every_counted_message_came() -> None:
    queues = Queues(visible={queue(name): 13 for name in QUEUES})
    found = queues.found()
    assert (found.looked_at, found.in_flight, found.cut_short) == (13 * len(QUEUES), {}, [])
    assert queues.calls.count("ReceiveMessage") == 3 * len(QUEUES)
    assert sum(seconds for _, seconds in queues.waits) == 0


def test_search_waits_once_and_recounts_when_fewer_came() -> None:
    queues = Queues(visible={queue("views"): 3}, hidden={queue("views"): 2}, counted=1)
    found = queues.found()
    assert (found.looked_at, found.in_flight) == (3, {"views": 2})
    assert [seconds for _, seconds in queues.waits] == [0, 1]
    assert queues.calls.count("GetQueueAttributes") == len(ALL) + 1


def test_search_reports_none_in_flight_when_sqs_overcounted() -> None:
    queues = Queues(visible={queue("views"): 3}, counted=2)
    found = queues.found()
    assert (found.looked_at, found.in_flight, found.cut_short) == (3, {}, [])


@pytest.mark.parametrize("more", [1, 25])
def test_search_finds_messages_that_sqs_has_not_counted(more: int) -> None:
    queues = Queues(visible={queue("views"): 5 + more}, counted=-more)
    assert queues.found().looked_at == 5 + more


def test_search_reads_queues_concurrently() -> None:
    """Block each queue's receive until another queue's has begun."""
    from threading import Barrier  # noqa: PLC0415 - here alone

    barrier = Barrier(2, timeout=20)

    class Slow(Queues):
        def receive_message(self, **asked: Any) -> dict[str, Any]:
            if not self._held.get(asked["QueueUrl"].rpartition("/")[2]):
                barrier.wait()
            return super().receive_message(**asked)

    queues = Slow(visible={queue("views"): 1, queue("orders"): 1})
    assert queues.found().looked_at == 2
