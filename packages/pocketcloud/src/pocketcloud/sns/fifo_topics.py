"""FIFO topics: deduplication, sequence numbers and order within each message group.

https://docs.aws.amazon.com/sns/latest/dg/fifo-topic-message-ordering.html
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from moto.sns.models import Topic

from pocketcloud.sqs.deduplication import RecentIds, content_id
from pocketcloud.sqs.message_checks import MessageGroup

_FIRST_SEQUENCE_NUMBER = 10_000_000_000_000_000_000
Plan = Callable[[], None]
Lane = tuple[str, str]
"""A subscription and a message group."""


@dataclass(frozen=True, slots=True)
class FifoPublication:
    """Identity of a message of a FIFO topic."""

    message_id: str
    sequence_number: str
    deduplication_id: str


class FifoTopics:
    """Recent messages of FIFO topics, and their deliveries in order."""

    def __init__(self) -> None:
        self._recent: dict[str, RecentIds[FifoPublication]] = {}
        self._lanes: dict[Lane, deque[Plan]] = {}
        self._published = 0
        self._sequence_numbers: dict[str, str] = {}

    def publish(
        self, topic: Topic, group: MessageGroup, message: str, message_id: str, now_ms: float
    ) -> tuple[FifoPublication, bool]:
        """Return the message's identity, and whether it is new; a duplicate has that of the first."""
        identity = group.deduplication_id or content_id(message)
        by_group = vars(topic).get("fifo_throughput_scope") == "MessageGroup"
        key = (str(group.group_id) if by_group else "", identity)
        recent = self._recent.setdefault(topic.arn, RecentIds())
        if first := recent.find(key, now_ms):
            return first, False
        self._published += 1
        made = FifoPublication(message_id, str(_FIRST_SEQUENCE_NUMBER + self._published * 1000), identity)
        recent.remember(key, made, now_ms)
        self._sequence_numbers[message_id] = made.sequence_number
        return made, True

    def sequence_number(self, message_id: str) -> str | None:
        """Return the sequence number of a published message, once, for the response to its publisher."""
        return self._sequence_numbers.pop(message_id, None)

    def enqueue(self, lane: Lane, plan: Plan) -> None:
        """Plan a delivery after all earlier ones of its lane."""
        waiting = self._lanes.setdefault(lane, deque())
        waiting.append(plan)
        if len(waiting) == 1:
            plan()

    def finish(self, lane: Lane) -> None:
        """End the current delivery of the lane and plan the next."""
        waiting = self._lanes[lane]
        waiting.popleft()
        if waiting:
            waiting[0]()
        else:
            del self._lanes[lane]

    def clear(self) -> None:
        """Forget everything that was published."""
        self._recent.clear()
        self._lanes.clear()
        self._sequence_numbers.clear()


def is_fifo(topic: Topic) -> bool:
    """Return whether the topic is a FIFO topic."""
    return topic.arn.endswith(".fifo")
