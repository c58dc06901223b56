"""Reading a dead-letter queue and leaving in it what is not taken out on purpose.

SQS has no way to look without receiving. What is received is hidden from everybody else for a while, and is
made visible again when the reading ends; if the reader is killed, it comes back by itself. No receive counts
against a dead letter: its queue has no redrive of its own.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from cli.dlq.message import DeadLetter, letter
from cli.dlq.queues import LetterBox

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

HIDDEN = 300
"""Seconds for which a letter that is being looked at is nobody else's."""
LONG_POLL_SECONDS = 1
AT_ONCE = 10
"""What SQS hands out, deletes or makes visible in one request at most."""


@dataclass(slots=True, kw_only=True)
class Reading:
    """One pass over a queue."""

    sqs: "SQSClient"
    box: LetterBox
    is_cut_short: bool = False
    """Whether it ended before there was nothing left to see."""
    expected: int = 0
    """Messages that are worth a long poll. Beyond them one short poll looks for what has come meanwhile."""
    _held: dict[str, DeadLetter] = field(default_factory=dict)
    _met: set[str] = field(default_factory=set)

    def batches(self, limit: int) -> Iterator[list[DeadLetter]]:
        """All letters, up to ten at a time and each once, until `limit` were met or none is left to see.

        A pass that takes longer than a letter is hidden meets the first ones again. They are hidden anew and
        make way for those behind; once as many came again as are held, and no new one among them, it ends.
        """
        again = 0
        while len(self._met) < limit and (received := self._receive(limit - len(self._met))):
            new = [each for each in received if each.message_id not in self._met]
            self._met.update(each.message_id for each in new)
            yield new
            again = 0 if new else again + len(received)
            if again > len(self._held):
                self.is_cut_short = True
                return

    def delete(self, letters: Sequence[DeadLetter]) -> list[DeadLetter]:
        """Take these out for good; answers those that SQS did not delete, and that stay."""
        stay = []
        for ten in _tens(letters):
            entries = [{"Id": str(n), "ReceiptHandle": each.receipt_handle} for n, each in enumerate(ten)]
            answer = self.sqs.delete_message_batch(QueueUrl=self.box.url, Entries=entries)  # type: ignore[arg-type]  # a literal dict
            stay += [ten[int(failed["Id"])] for failed in answer.get("Failed", [])]
            for done in answer.get("Successful", []):
                self._held.pop(ten[int(done["Id"])].message_id, None)
        return stay

    def put_back(self) -> None:
        """Let everybody see again what was not deleted; what cannot be told so comes back by itself."""
        for ten in _tens(list(self._held.values())):
            entries = [
                {"Id": str(n), "ReceiptHandle": each.receipt_handle, "VisibilityTimeout": 0}
                for n, each in enumerate(ten)
            ]
            with suppress(ClientError, BotoCoreError):
                self.sqs.change_message_visibility_batch(QueueUrl=self.box.url, Entries=entries)  # type: ignore[arg-type]  # as above
        self._held.clear()

    def _receive(self, limit: int) -> list[DeadLetter]:
        answer = self.sqs.receive_message(
            QueueUrl=self.box.url,
            MaxNumberOfMessages=min(limit, AT_ONCE),
            VisibilityTimeout=HIDDEN,
            # A long poll asks all of SQS's servers, and waits a second where nothing is left.
            WaitTimeSeconds=LONG_POLL_SECONDS if len(self._met) < self.expected else 0,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        received = [letter(message, self.box) for message in answer.get("Messages", [])]
        self._held.update({each.message_id: each for each in received})
        return received


@contextmanager
def reading(sqs: "SQSClient", box: LetterBox, *, expected: int | None = None) -> Iterator[Reading]:
    """A pass over the queue; when it ends, however it ends, the rest is put back.

    It expects as many messages as SQS has counted, unless `expected` says otherwise.
    """
    opened = Reading(sqs=sqs, box=box, expected=box.waiting if expected is None else expected)
    try:
        yield opened
    finally:
        opened.put_back()


def _tens(letters: Sequence[DeadLetter]) -> Iterator[Sequence[DeadLetter]]:
    for start in range(0, len(letters), AT_ONCE):
        yield letters[start : start + AT_ONCE]
