"""`orderbus dlq`: the options of its commands."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from cli.core.account import Account
from cli.core.completion import consumers, facts
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.fact_selection import order_ids
from cli.core.options import StageOptions, Yes
from cli.core.times import parse_duration
from cli.dlq.actions import DlqRequest, EventEdit, edit, list_messages, purge, redrive, show_message
from cli.dlq.audit_log import AuditSelection, show_audit_log
from cli.dlq.search import MessageSelection

app = typer.Typer(no_args_is_help=True, add_completion=False)


@dataclass(frozen=True, kw_only=True)
class DlqOptions(StageOptions, ABC):
    """A command on dead-letter queues."""

    limit: Annotated[
        int, typer.Option(min=1, max=50_000, help="The maximum of messages read from each queue.")
    ] = 1000

    @abstractmethod
    def selection(self) -> MessageSelection:
        """Return the selection of messages."""

    def request(self, *, is_confirmed: bool = False, pause: Callable[[], None] = lambda: None) -> DlqRequest:
        """Return the request with an action id of its own."""
        return DlqRequest(
            selection=self.selection(),
            limit=self.limit,
            as_json=self.as_json,
            is_confirmed=is_confirmed,
            action_id=str(uuid4()),
            pause=pause,
        )


@dataclass(frozen=True, kw_only=True)
class MessageOptions(DlqOptions):
    """A command on one dead-lettered message."""

    message: Annotated[str, typer.Argument(help="The message's id, or its beginning.")]

    def selection(self) -> MessageSelection:
        """Return the selection of that message."""
        return MessageSelection(now=datetime.now(UTC), message=self.message)


@dataclass(frozen=True, kw_only=True)
class SelectionOptions(DlqOptions):
    """A command on all dead-lettered messages that match."""

    message: Annotated[str | None, typer.Option(help="Only the message whose id begins so.")] = None
    reason: Annotated[
        str | None, typer.Option(help="Only this failure reason: data_invalid, NO_RESOURCE …")
    ] = None
    fact: Annotated[str | None, typer.Option(autocompletion=facts, help="Only events of this fact.")] = None
    order: Annotated[str | None, typer.Option(help="Only events about this order.")] = None
    consumer: Annotated[
        str | None,
        typer.Option(autocompletion=consumers, help="Only this component: a service, order-bus, relay …"),
    ] = None
    older_than: Annotated[
        str | None, typer.Option(help="Only messages sent this long ago: 90s, 30m, 2h, 3d.")
    ] = None

    def selection(self) -> MessageSelection:
        """Return the selection that the options describe."""
        if self.order is not None:
            order_ids([self.order])
        return MessageSelection(
            now=datetime.now(UTC),
            message=self.message,
            reason=self.reason,
            fact=self.fact,
            order=self.order,
            consumer=self.consumer,
            older_than=_age(self.older_than),
        )


@app.command("ls")
@dataclass(frozen=True, kw_only=True)
class DlqList(SelectionOptions):
    """List dead-lettered messages of all components by group; leave them in place."""

    def run_on(self, account: Account) -> ExitCode:
        """List the messages."""
        return list_messages(account, self.request())


@app.command("show")
@dataclass(frozen=True, kw_only=True)
class DlqShow(MessageOptions):
    """Show a dead-lettered message, its event and where it would be redriven to."""

    def run_on(self, account: Account) -> ExitCode:
        """Show the message."""
        return show_message(account, self.request())


@app.command("redrive")
@dataclass(frozen=True, kw_only=True)
class DlqRedrive(SelectionOptions):
    """Redrive messages to where they failed; without --yes only list them."""

    rate: Annotated[float, typer.Option(min=0.1, max=1000, help="The maximum of messages per second.")] = 10.0
    yes: Yes = False

    def run_on(self, account: Account) -> ExitCode:
        """Redrive the messages."""
        return redrive(account, self.request(is_confirmed=self.yes, pause=_pause(self.rate)))


@app.command("edit")
@dataclass(frozen=True, kw_only=True)
class DlqEdit(MessageOptions):
    """Fix a message's event, check that its consumer accepts it, and redrive it."""

    setting: Annotated[
        list[str] | None,
        typer.Option("--set", help="A JSON pointer into the event and its new value: /data/total=3."),
    ] = None
    file: Annotated[
        Path | None, typer.Option(help="A file with the whole event, a CloudEvents document.")
    ] = None
    yes: Yes = False

    def run_on(self, account: Account) -> ExitCode:
        """Edit and redrive the message."""
        changes = EventEdit(settings=tuple(self.setting or ()), file=self.file)
        return edit(account, self.request(is_confirmed=self.yes), changes)


@app.command("purge")
@dataclass(frozen=True, kw_only=True)
class DlqPurge(SelectionOptions):
    """Export messages to a file and delete them; without --yes only list them."""

    to: Annotated[Path, typer.Option(help="The file to append them to, one JSON document per line.")]
    yes: Yes = False

    def run_on(self, account: Account) -> ExitCode:
        """Export and delete the messages."""
        return purge(account, self.request(is_confirmed=self.yes), self.to)


@app.command("log")
@dataclass(frozen=True, kw_only=True)
class DlqLog(StageOptions):
    """Show who redrove, edited, purged, replayed or republished what, and when."""

    action: Annotated[str, typer.Option(help="Only the action whose id begins so.")] = ""
    order: Annotated[str | None, typer.Option(help="Only changes to events about this order.")] = None

    def run_on(self, account: Account) -> ExitCode:
        """Show the audit trail."""
        if self.order is not None:
            order_ids([self.order])
        return show_audit_log(
            account, AuditSelection(action=self.action, order=self.order), as_json=self.as_json
        )


def _age(text: str | None) -> timedelta | None:
    try:
        return None if text is None else parse_duration(text)
    except ValueError as error:
        hint = "Use a duration like 90s, 30m, 2h or 3d."
        raise CommandError(
            f"--older-than {text} is not a duration.", hint=hint, code=ExitCode.USAGE
        ) from error


def _pause(rate: float) -> Callable[[], None]:
    return partial(time.sleep, 1 / rate)
