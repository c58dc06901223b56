"""`orderbus replay` and `orderbus republish`: the options of the commands that tell history again."""

from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from cli.core.completion import consumers, facts
from cli.core.exit_codes import ExitCode
from cli.core.options import Json, Yes, on_account

if TYPE_CHECKING:
    from cli.core.account import Account

DEFAULT_RATE = 100.0

Orders = Annotated[
    list[str] | None, typer.Option("--order", help="Only facts about this order; again for more.")
]
Facts = Annotated[
    list[str] | None, typer.Option("--fact", autocompletion=facts, help="Only this fact; again for more.")
]
Since = Annotated[str | None, typer.Option(help="From then on: 2026-11-23T10:00Z, or 2h ago as 2h.")]
Until = Annotated[str | None, typer.Option(help="Until before then, in the same way.")]
Progress = Annotated[Path | None, typer.Option(help="A file that says how far it came, to go on from.")]
Rate = Annotated[float, typer.Option(min=0.1, max=3000, help="How many facts a second at most.")]


@on_account
def replay(  # noqa: PLR0913 - the options of a command line
    account: "Account",
    consumer: Annotated[
        str | None, typer.Argument(autocompletion=consumers, help="Who is to hear it again, and nobody else.")
    ] = None,
    *,
    into: Annotated[
        str | None, typer.Option(help="A new consumer instead: all that it would have heard.")
    ] = None,
    from_archive: Annotated[bool, typer.Option("--from-archive", help="By an EventBridge replay.")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Watch that replay to its end.")] = True,
    order: Orders = None,
    fact: Facts = None,
    since: Since = None,
    until: Until = None,
    progress: Progress = None,
    rate: Rate = DEFAULT_RATE,
    as_json: Json = False,
    yes: Yes = False,
) -> ExitCode:
    """Tell one consumer history again, from the event log or the archive; without --yes only say what."""
    from cli.replay.archive import replay_archive  # noqa: PLC0415 - boto3 and Rich, which `--help` should not wait for
    from cli.replay.event_log import replay_log  # noqa: PLC0415 - as above
    from cli.replay.options import Given, Manner  # noqa: PLC0415 - as above

    given = Given(
        now=datetime.now(UTC),
        consumer=consumer,
        into=into,
        from_archive=from_archive,
        orders=tuple(order or ()),
        facts=tuple(fact or ()),
        since=since,
        until=until,
        progress=progress,
    )
    manner = Manner(sure=yes, as_json=as_json, sleep=sleep, rate=rate, action_id=str(uuid4()), wait=wait)
    return (replay_archive if from_archive else replay_log)(account, given, manner)


@on_account
def republish(  # noqa: PLR0913 - as above
    account: "Account",
    *,
    order: Orders = None,
    since: Since = None,
    until: Until = None,
    progress: Progress = None,
    rate: Rate = DEFAULT_RATE,
    as_json: Json = False,
    yes: Yes = False,
) -> ExitCode:
    """Have the relay publish facts again, to everybody; for when the log's stream was cut off for a day."""
    from cli.replay.event_log import republish as publish_again  # noqa: PLC0415 - as above
    from cli.replay.options import Given, Manner  # noqa: PLC0415 - as above

    given = Given(
        now=datetime.now(UTC), orders=tuple(order or ()), since=since, until=until, progress=progress
    )
    manner = Manner(sure=yes, as_json=as_json, sleep=sleep, rate=rate, action_id=str(uuid4()))
    return publish_again(account, given, manner)
