"""The confirmed messages of a batch, and the reasons why the others failed. Pure.

https://www.rabbitmq.com/docs/confirms#publisher-confirms
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

UNROUTABLE = "unroutable"
NOT_ACCEPTED = "not_accepted: the broker rejected the message"


class AmqpMessage(Struct, frozen=True, kw_only=True):
    """A message for the exchange."""

    key: str
    """The id of its message in our queue, by which a failure is reported."""
    id: str
    """The event's id, the same in every attempt."""
    routing_key: str
    headers: Mapping[str, str]
    content_type: str
    body: bytes


class Confirms:
    """The outcomes of messages that have a channel's delivery tags after `before`, in order."""

    def __init__(self, sent: Sequence[AmqpMessage], *, before: int = 0) -> None:
        self._waiting = {before + place: each for place, each in enumerate(sent, start=1)}
        self._returned: dict[str, str] = {}
        self.failed: dict[str, str] = {}
        """The reason of each message that failed, by its key."""

    @property
    def is_complete(self) -> bool:
        """Whether the broker decided on every message."""
        return not self._waiting

    def note_return(self, event_id: str, reply: str) -> None:
        """Note that no queue takes the event; the broker confirms it nevertheless, after this."""
        self._returned[event_id] = f"{UNROUTABLE}: {reply}"

    def confirm(self, tag: int, *, multiple: bool, accepted: bool) -> None:
        """Take a confirmation of one message, or of all up to it; the tag 0 stands for all."""
        tags = [each for each in self._waiting if tag == 0 or each <= tag] if multiple else [tag]
        for each in tags:
            if sent := self._waiting.pop(each, None):
                self._decide(sent, accepted=accepted)

    def fail_waiting(self, reason: str) -> None:
        """Fail the messages without a decision: the broker may have them, and gets them again."""
        self.failed |= dict.fromkeys((each.key for each in self._waiting.values()), reason)
        self._waiting.clear()

    def _decide(self, sent: AmqpMessage, *, accepted: bool) -> None:
        if not accepted:
            self.failed[sent.key] = NOT_ACCEPTED
        elif sent.id in self._returned:
            self.failed[sent.key] = self._returned[sent.id]
