"""`orderbus views rebuild`: rebuild the read model and print the progress."""

from time import perf_counter

from cli.core.account import Account, aws_errors
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import Terminal, terminal, write_json
from cli.read_model.rebuild import RebuildProgress, rebuild

AGAIN = "Run `orderbus views rebuild` again: it is safe at any time, and the event log is unchanged."
UNFINISHED = "Lists and sales are incomplete. Run `orderbus views rebuild --yes` again, to its end."


def rebuild_views(account: Account, *, as_json: bool, confirmed: bool) -> ExitCode:
    """Rebuild both projections from the event log; without confirmation only show the plan."""
    console = terminal(stderr=True)
    if not confirmed:
        _print_plan(account.stage, as_json=as_json)
        return ExitCode.OK
    started = perf_counter()
    done = _rebuild(account, console)
    seconds = round(perf_counter() - started, 3)
    if as_json:
        write_json({**done.as_json(), "seconds": seconds, "done": True})
    else:
        console.print(f"{_summary(done)}, in {seconds} s.")
    for row in done.unreadable:
        console.print(f"cannot be read: {row}")
    return ExitCode.INCOMPLETE if done.unreadable else ExitCode.OK


def _rebuild(account: Account, console: Terminal) -> RebuildProgress:
    """Rebuild with a progress line; raise CommandError with the progress if it stops halfway."""
    latest = RebuildProgress()

    def report(progress: RebuildProgress) -> None:
        nonlocal latest
        latest = progress
        show(_summary(progress))

    try:
        with aws_errors(hint=AGAIN), console.progress() as show:
            return rebuild(account.client("dynamodb"), account.names, report)
    except (KeyboardInterrupt, CommandError) as stopped:
        is_interrupted = isinstance(stopped, KeyboardInterrupt)
        if not is_interrupted and latest == RebuildProgress():
            raise  # nothing was deleted
        raise CommandError(
            f"{_summary(latest)}, then: {str(stopped) or 'it was interrupted.'}",
            hint=UNFINISHED,
            code=ExitCode.INCOMPLETE if is_interrupted else ExitCode.AWS_REFUSED,
        ) from stopped


def _print_plan(stage: str, *, as_json: bool) -> None:
    if as_json:
        write_json({**RebuildProgress().as_json(), "seconds": 0.0, "done": False})
        return
    console = terminal()
    console.print(f"This empties the read model of stage {stage} before it fills it from the event log.")
    console.print("Lists of orders are incomplete until it is done.")
    console.print("Nothing was done. Add --yes to do it.")


def _summary(done: RebuildProgress) -> str:
    return f"{done.removed} rows removed, {done.read} facts read, {done.projected} projected"
