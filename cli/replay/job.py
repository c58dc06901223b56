"""A replay of the event log: the facts to send, the audit trail and the progress."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cli.core.account import Account, aws_errors
from cli.core.audit import Action, AuditTrail
from cli.core.errors import CommandError
from cli.core.event_log_reader import ROWS_PER_REQUEST, FactLog, Place, Row
from cli.core.exit_codes import ExitCode
from cli.core.fact_selection import FactSelection, unknown_order
from cli.core.terminal_text import terminal
from cli.replay.progress_file import ProgressFile, ReplayProgress
from cli.replay.render import ReplayReport
from cli.replay.request import ReplayRequest, RunOptions

RETRY_HINT = "Run the same command again: --progress continues there, and a repeated fact changes nothing."


class NotSentError(Exception):
    """The receiver did not accept all facts this time; sending them again is safe."""


def replay_name(prefix: str, now: datetime) -> str:
    """Return the name of a replay; the consumer's rule matches the prefix."""
    return f"{prefix}{now:%Y%m%dT%H%M%SZ}"


@dataclass(kw_only=True)
class FactSender:
    """Sends rows of the event log in order, at a rate, and records the progress."""

    log: FactLog
    send: Callable[[Sequence[Row]], None]
    """Send rows; raise an error unless all have been accepted."""
    batch_size: int
    rate: float
    """The maximum of facts per second, so that the receiver has time for new facts, too."""
    file: ProgressFile
    progress: ReplayProgress
    show: Callable[[ReplayProgress], None]
    sleep: Callable[[float], None]

    def run(self, places: Sequence[Place]) -> None:
        """Send the facts at these places; if killed, the file holds only facts that were accepted."""
        for start in range(0, len(places), ROWS_PER_REQUEST):
            batch = places[start : start + ROWS_PER_REQUEST]
            self._send(batch, self.log.rows(batch))

    def _send(self, places: Sequence[Place], rows: Sequence[Row]) -> None:
        for start in range(0, len(rows), self.batch_size):
            batch = rows[start : start + self.batch_size]
            self.send(batch)
            last = places[start + len(batch) - 1]
            self.progress = replace(self.progress, sent=self.progress.sent + len(batch), last=last)
            self.file.write(self.progress)
            self.show(self.progress)
            self.sleep(len(batch) / self.rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayJob:
    """A request with what is needed to run it."""

    request: ReplayRequest
    selection: FactSelection
    options: RunOptions
    by: str
    """The caller's ARN; empty without --yes."""
    log: FactLog
    file: ProgressFile
    before: ReplayProgress

    @classmethod
    def prepare(
        cls,
        account: Account,
        request: ReplayRequest,
        options: RunOptions,
        *,
        prefix: str,
        facts: frozenset[str] | None,
    ) -> "ReplayJob":
        """Return the job, not started; `prefix` is that of the replay's name."""
        request.selection(facts)  # reject invalid options before the first request to AWS
        log = FactLog(dynamodb=account.client("dynamodb"), names=account.names, sleep=options.sleep)
        file = ProgressFile(request.progress, str(request), log.identity if request.progress else "")
        new = ReplayProgress(replay=replay_name(prefix, request.now), asked_at=request.now)
        before = file.read(default=new)
        return cls(
            request=request,
            selection=replace(request, now=before.asked_at).selection(facts),
            options=options,
            by=account.caller if options.is_confirmed else "",
            log=log,
            file=file,
            before=before,
        )

    def due(self) -> list[Place]:
        """Return the places of the facts left to send, oldest first."""
        places = self.log.places(self.selection)
        for order in self.log.unknown:
            raise unknown_order(order)
        return self.before.remaining(places)

    def run(
        self,
        due: Sequence[Place],
        *,
        action: Action,
        to: str,
        send: Callable[[Sequence[Row]], None],
        batch_size: int,
    ) -> ReplayReport:
        """Send the facts if the request is confirmed; record that in the audit trail first."""
        report = ReplayReport.planned(to, self.before, due, batch_size=batch_size, rate=self.options.rate)
        if self.options.is_confirmed and due:
            self.file.require_writable()
            self._audit_trail(action).begin(str(self.request), len(due))
        if self.options.is_confirmed:
            report.sent, report.done = self._send(due, send, batch_size), True
        report.requests_to_read, report.unreadable = self.log.requests, self.log.unreadable
        return report

    def _audit_trail(self, action: Action) -> AuditTrail:
        return AuditTrail(
            dynamodb=self.log.dynamodb,
            names=self.log.names,
            action_id=self.options.action_id,
            action=action,
            by=self.by,
            at=self.request.now,
        )

    def _send(self, due: Sequence[Place], send: Callable[[Sequence[Row]], None], batch_size: int) -> int:
        """Send the facts; return how many."""
        with terminal(stderr=True).progress() as show:
            sender = FactSender(
                log=self.log,
                send=send,
                batch_size=batch_size,
                rate=self.options.rate,
                file=self.file,
                progress=self.before,
                show=lambda now: show(f"{now.sent - self.before.sent} of {len(due)}"),
                sleep=self.options.sleep,
            )
            try:
                with aws_errors(hint=RETRY_HINT):
                    sender.run(due)
            except (KeyboardInterrupt, NotSentError, CommandError) as error:
                sent = sender.progress.sent - self.before.sent
                reason = str(error) or "it was interrupted."
                raise CommandError(
                    f"{sent} of {len(due)} facts were sent, then: {reason}",
                    hint=error.hint if isinstance(error, CommandError) else RETRY_HINT,
                    code=error.code if isinstance(error, CommandError) else ExitCode.INCOMPLETE,
                ) from error
        return sender.progress.sent - self.before.sent
