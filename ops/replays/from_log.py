"""The event log told again: to one consumer by its queue, or to everybody by the relay."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rich.console import Console

from ops.account import Account, refusals_said
from ops.exit_codes import ExitCode
from ops.failure import CommandError
from ops.publication import ROWS_AT_ONCE, NotPublishedError, Publication
from ops.replays.fact_log import FactLog, Place, Row
from ops.replays.given import Given, Manner
from ops.replays.progress_file import Progress, ProgressFile
from ops.replays.queue_feed import AT_ONCE, Queue, QueueFeed
from ops.replays.report import Report
from ops.replays.selection import Selection
from ops.replays.telling import NotTakenError, Telling

LOOK = (
    "Check the stage, the credentials and the region, or give --profile, --region or --endpoint-url; "
    "what is told anything is deployed first."
)
AGAIN = "Run the same again: with --progress it goes on from there, and what arrives twice changes nothing."

REPUBLICATION = "republication"
REMEMBERED = timedelta(days=14)
"""How long it is certain that a letter is known to have been sent (functions/shared/idempotency.py)."""
MAILED_AGAIN = "What is older than 14 days and was published before may be mailed to customers again."


def replay_name(begin: str, now: datetime) -> str:
    """What a replay is called: it begins with its consumer's name, which that one's own rule listens for."""
    return f"{begin}-{now:%Y%m%dT%H%M%SZ}"


def replay_log(account: Account, given: Given, manner: Manner) -> ExitCode:
    """Say what the consumer would be told; where that is wanted, send it to its queue."""
    hearer = given.hearer()
    name, sqs = account.names.queue(hearer.name), account.client("sqs")
    work = _Work.begin(account, given, manner, name=hearer.name, facts=hearer.facts)
    with refusals_said(hint=LOOK):
        queue, by = Queue.named(sqs, name), account.caller if manner.sure else ""
        due = work.due()
    feed = QueueFeed(sqs=sqs, queue=queue, replay=work.before.replay, by=by, sleep=manner.sleep)
    report = work.tell(due, to=f"queue {name}", send=feed.send, at_once=AT_ONCE)
    report.refused = feed.refused
    return report.say(as_json=manner.as_json)


def republish(account: Account, given: Given, manner: Manner) -> ExitCode:
    """Say which facts would be published again, to everybody; where that is wanted, have the relay do it."""
    given.refuse_without_bounds()
    publication = Publication(lambda_=account.client("lambda"), names=account.names)

    def send(rows: Sequence[Row]) -> None:
        try:
            publication.publish(rows)
        except NotPublishedError as error:
            raise NotTakenError(str(error)) from error

    work = _Work.begin(account, given, manner, name=REPUBLICATION, facts=None)
    with refusals_said(hint=LOOK):
        due = work.due()
    report = work.tell(due, to=f"relay {account.names.relay}", send=send, at_once=ROWS_AT_ONCE)
    if due and given.now - due[0].time > REMEMBERED:
        report.notes.append(MAILED_AGAIN)
    return report.say(as_json=manner.as_json)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """One wish on the way."""

    selection: Selection
    manner: Manner
    log: FactLog
    file: ProgressFile
    before: Progress

    @classmethod
    def begin(
        cls, account: Account, given: Given, manner: Manner, *, name: str, facts: frozenset[str] | None
    ) -> "_Work":
        selection = given.selection(facts)
        file = ProgressFile(given.progress, str(given))
        before = file.read(otherwise=replay_name(name, given.now))
        log = FactLog(dynamodb=account.client("dynamodb"), names=account.names, sleep=manner.sleep)
        return cls(selection=selection, manner=manner, log=log, file=file, before=before)

    def due(self) -> list[Place]:
        """What is left to tell, the oldest first."""
        places = self.log.places(self.selection)
        for order in self.log.unknown:
            raise CommandError(
                f"This stage knows no order {order}.",
                hint="Check the stage and the region; an order that was refused has no facts.",
                code=ExitCode.UNKNOWN_ORDER,
            )
        return self.before.remaining(places)

    def tell(
        self, due: Sequence[Place], *, to: str, send: Callable[[Sequence[Row]], None], at_once: int
    ) -> Report:
        """Tell it, if that is wanted, and say how far it has come."""
        report = Report.of(to, self.before, due, at_once=at_once, rate=self.manner.rate)
        if self.manner.sure:
            report.sent, report.done = self._told(due, send, at_once), True
        report.requests_to_read, report.unreadable = self.log.requests, self.log.unreadable
        return report

    def _told(self, due: Sequence[Place], send: Callable[[Sequence[Row]], None], at_once: int) -> int:
        with Console(stderr=True, highlight=False).status("") as status:
            telling = Telling(
                log=self.log,
                send=send,
                at_once=at_once,
                rate=self.manner.rate,
                file=self.file,
                progress=self.before,
                said=lambda now: status.update(f"{now.sent - self.before.sent} of {len(due)}"),
                sleep=self.manner.sleep,
            )
            try:
                with refusals_said(hint=AGAIN):
                    telling.run(due)
            except (KeyboardInterrupt, NotTakenError, CommandError) as stopped:
                sent = telling.progress.sent - self.before.sent
                why = str(stopped) or "It was interrupted."
                code = ExitCode.AWS_REFUSED if isinstance(stopped, CommandError) else ExitCode.INCOMPLETE
                raise CommandError(
                    f"{sent} of {len(due)} facts were sent, then: {why}", hint=AGAIN, code=code
                ) from stopped
        return telling.progress.sent - self.before.sent
