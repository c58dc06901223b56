"""One telling of the event log on its way: what is due, who asked for it, and how far it came."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cli.core.account import Account, aws_errors
from cli.core.audit import Action, Deed, Trail
from cli.core.errors import CommandError
from cli.core.event_log_reader import FactLog, Place, Row
from cli.core.exit_codes import ExitCode
from cli.core.fact_selection import Selection
from cli.core.order_ids import unknown
from cli.core.terminal_text import terminal
from cli.replay.progress_file import Progress, ProgressFile
from cli.replay.render import Report
from cli.replay.request import Given, Manner
from cli.replay.sender import NotTakenError, Telling

AGAIN = "Run the same again: with --progress it goes on from there, and what arrives twice changes nothing."


def replay_name(begin: str, now: datetime) -> str:
    """What a replay is called: it begins as its consumer's do, which that one's own rule listens for."""
    return f"{begin}{now:%Y%m%dT%H%M%SZ}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What was asked for, and what is there to do it with."""

    given: Given
    selection: Selection
    manner: Manner
    by: str
    """Who asked; nobody is asked who it is where nothing is to be done."""
    log: FactLog
    file: ProgressFile
    before: Progress

    @classmethod
    def begin(
        cls, account: Account, given: Given, manner: Manner, *, name: str, facts: frozenset[str] | None
    ) -> "Work":
        """The work, nothing of it done yet; `name` is how the replay's own begins."""
        given.selection(facts)  # refuses what makes no sense before AWS is asked for anything
        log = FactLog(dynamodb=account.client("dynamodb"), names=account.names, sleep=manner.sleep)
        file = ProgressFile(given.progress, str(given), log.identity if given.progress else "")
        beginning = Progress(replay=replay_name(name, given.now), asked_at=given.now)
        before = file.read(otherwise=beginning)
        return cls(
            given=given,
            selection=replace(given, now=before.asked_at).selection(facts),
            manner=manner,
            by=account.caller if manner.sure else "",
            log=log,
            file=file,
            before=before,
        )

    def due(self) -> list[Place]:
        """What is left to tell, the oldest first."""
        places = self.log.places(self.selection)
        for order in self.log.unknown:
            raise unknown(order)
        return self.before.remaining(places)

    def tell(
        self,
        due: Sequence[Place],
        *,
        deed: Deed,
        to: str,
        send: Callable[[Sequence[Row]], None],
        at_once: int,
    ) -> Report:
        """Tell it, if that is wanted and once it is in the audit trail; answers how far it has come."""
        report = Report.of(to, self.before, due, at_once=at_once, rate=self.manner.rate)
        if self.manner.sure and due:
            self.file.refuse_unwritable()
            self._note(deed, len(due))
        if self.manner.sure:
            report.sent, report.done = self._told(due, send, at_once), True
        report.requests_to_read, report.unreadable = self.log.requests, self.log.unreadable
        return report

    def _note(self, deed: Deed, facts: int) -> None:
        action = Action(id=self.manner.action_id, deed=deed, by=self.by, at=self.given.now)
        Trail(dynamodb=self.log.dynamodb, names=self.log.names, action=action).begin(str(self.given), facts)

    def _told(self, due: Sequence[Place], send: Callable[[Sequence[Row]], None], at_once: int) -> int:
        with terminal(stderr=True).progress() as show:
            telling = Telling(
                log=self.log,
                send=send,
                at_once=at_once,
                rate=self.manner.rate,
                file=self.file,
                progress=self.before,
                said=lambda now: show(f"{now.sent - self.before.sent} of {len(due)}"),
                sleep=self.manner.sleep,
            )
            try:
                with aws_errors(hint=AGAIN):
                    telling.run(due)
            except (KeyboardInterrupt, NotTakenError, CommandError) as stopped:
                sent = telling.progress.sent - self.before.sent
                why = str(stopped) or "it was interrupted."
                raise CommandError(
                    f"{sent} of {len(due)} facts were sent, then: {why}",
                    hint=stopped.hint if isinstance(stopped, CommandError) else AGAIN,
                    code=stopped.code if isinstance(stopped, CommandError) else ExitCode.INCOMPLETE,
                ) from stopped
        return telling.progress.sent - self.before.sent
