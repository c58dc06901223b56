"""`orderbus dlq`: the options of its commands."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from cli.core.completion import consumers, facts
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.options import Json, Yes, on_account

if TYPE_CHECKING:
    from cli.core.account import Account
    from cli.dlq.selection import Selection

dlq = typer.Typer(no_args_is_help=True, help="Dead letters of every hop: look, put back, mend, throw away.")

Message = Annotated[str, typer.Argument(help="A dead letter's id, or how it begins.")]
MessageOption = Annotated[str | None, typer.Option(help="Only the one whose id begins so.")]
Reason = Annotated[str | None, typer.Option(help="Only those with this reason: data_invalid, NO_RESOURCE …")]
Fact = Annotated[str | None, typer.Option(autocompletion=facts, help="Only events of this fact.")]
Order = Annotated[str | None, typer.Option(help="Only events about this order.")]
Consumer = Annotated[
    str | None,
    typer.Option(autocompletion=consumers, help="Only those of this hop: a service, order-bus, relay …"),
]
OlderThan = Annotated[str | None, typer.Option(help="Only those sent this long ago: 90s, 30m, 2h, 3d.")]
Limit = Annotated[int, typer.Option(min=1, max=50_000, help="How many to look at in each queue.")]
Rate = Annotated[float, typer.Option(min=0.1, max=1000, help="How many to send a second at most.")]

DEFAULT_LIMIT = 1000
DEFAULT_RATE = 10.0


@dlq.command(name="ls")
@on_account
def dlq_ls(  # noqa: PLR0913 - the options of a command line
    account: "Account",
    *,
    message: MessageOption = None,
    reason: Reason = None,
    fact: Fact = None,
    order: Order = None,
    consumer: Consumer = None,
    older_than: OlderThan = None,
    limit: Limit = DEFAULT_LIMIT,
    as_json: Json = False,
) -> ExitCode:
    """Show the dead letters of every hop, grouped; they stay where they are."""
    from cli.dlq.actions import Wish, list_letters  # noqa: PLC0415 - boto3, which `--help` should not wait for

    selection = _selection(message, reason, fact, order, consumer, older_than)
    return list_letters(account, Wish(selection=selection, limit=limit, as_json=as_json))


@dlq.command(name="show")
@on_account
def dlq_show(
    account: "Account", message: Message, *, limit: Limit = DEFAULT_LIMIT, as_json: Json = False
) -> ExitCode:
    """Show one dead letter whole, its event included, and where it would go back to."""
    from cli.dlq.actions import Wish, show_letter  # noqa: PLC0415 - as above

    return show_letter(account, Wish(selection=_selection(message), limit=limit, as_json=as_json))


@dlq.command(name="redrive")
@on_account
def dlq_redrive(  # noqa: PLR0913 - as above
    account: "Account",
    *,
    message: MessageOption = None,
    reason: Reason = None,
    fact: Fact = None,
    order: Order = None,
    consumer: Consumer = None,
    older_than: OlderThan = None,
    limit: Limit = DEFAULT_LIMIT,
    rate: Rate = DEFAULT_RATE,
    as_json: Json = False,
    yes: Yes = False,
) -> ExitCode:
    """Put dead letters back where each failed, and nowhere else; without --yes only say which."""
    from cli.dlq.actions import Wish, redrive  # noqa: PLC0415 - as above

    selection = _selection(message, reason, fact, order, consumer, older_than)
    action_id, pause = str(uuid4()), _pause(rate)
    wish = Wish(selection=selection, limit=limit, as_json=as_json, sure=yes, action_id=action_id, pause=pause)
    return redrive(account, wish)


@dlq.command(name="edit")
@on_account
def dlq_edit(  # noqa: PLR0913 - as above
    account: "Account",
    message: Message,
    *,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="A JSON pointer into the event, and its new value.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="The whole event instead, a CloudEvents document.")
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    as_json: Json = False,
    yes: Yes = False,
) -> ExitCode:
    """Mend a dead letter's event, where its consumer would take the result, and put it back."""
    from cli.dlq.actions import Amendment, Wish, edit  # noqa: PLC0415 - as above

    selection = _selection(message)
    wish = Wish(selection=selection, limit=limit, as_json=as_json, sure=yes, action_id=str(uuid4()))
    return edit(account, wish, Amendment(settings=tuple(setting or ()), file=file))


@dlq.command(name="purge")
@on_account
def dlq_purge(  # noqa: PLR0913 - as above
    account: "Account",
    *,
    to: Annotated[Path, typer.Option(help="The file that they are added to first, one a line.")],
    message: MessageOption = None,
    reason: Reason = None,
    fact: Fact = None,
    order: Order = None,
    consumer: Consumer = None,
    older_than: OlderThan = None,
    limit: Limit = DEFAULT_LIMIT,
    as_json: Json = False,
    yes: Yes = False,
) -> ExitCode:
    """Write dead letters to a file and delete them; without --yes only say which."""
    from cli.dlq.actions import Wish, purge  # noqa: PLC0415 - as above

    selection = _selection(message, reason, fact, order, consumer, older_than)
    wish = Wish(selection=selection, limit=limit, as_json=as_json, sure=yes, action_id=str(uuid4()))
    return purge(account, wish, to)


@dlq.command(name="log")
@on_account
def dlq_log(
    account: "Account",
    *,
    action: Annotated[str, typer.Option(help="Only the action whose id begins so.")] = "",
    order: Annotated[str | None, typer.Option(help="Only what was done to events about this order.")] = None,
    as_json: Json = False,
) -> ExitCode:
    """Show who put back, edited or purged what, and when."""
    from cli.core.order_ids import orders_of  # noqa: PLC0415 - as above
    from cli.dlq.trail_view import Asked, show_trail  # noqa: PLC0415 - as above

    if order is not None:
        orders_of([order])
    return show_trail(account, Asked(action=action, order=order), as_json=as_json)


def _selection(  # noqa: PLR0913, PLR0917 - as above, in the order in which they are declared
    message: str | None = None,
    reason: str | None = None,
    fact: str | None = None,
    order: str | None = None,
    consumer: str | None = None,
    older_than: str | None = None,
) -> "Selection":
    from cli.core.order_ids import orders_of  # noqa: PLC0415 - as above
    from cli.dlq.selection import Selection  # noqa: PLC0415 - as above

    if order is not None:
        orders_of([order])
    return Selection(
        now=datetime.now(UTC),
        message=message,
        reason=reason,
        fact=fact,
        order=order,
        consumer=consumer,
        older_than=_age(older_than),
    )


def _age(text: str | None) -> timedelta | None:
    from cli.core.times import duration  # noqa: PLC0415 - as above

    try:
        return None if text is None else duration(text)
    except ValueError as error:
        hint = "--older-than is like 90s, 30m, 2h or 3d."
        raise CommandError(f"{text} is no length of time.", hint=hint, code=ExitCode.USAGE) from error


def _pause(rate: float) -> Callable[[], None]:
    return partial(time.sleep, 1 / rate)
