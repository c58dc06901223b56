"""`orderbus views`: the read model, rebuilt and looked at."""

from time import perf_counter

from msgspec import to_builtins

from cli.core.account import LOOK, Account, aws_errors
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import Terminal, terminal, write_json
from cli.read_model.rebuild import Rebuilt, rebuild, sales_on
from functions.views.domain import Total

AGAIN = "Nothing is lost: the log is untouched, and `orderbus views rebuild` may be run again at any time."

SALES = ("SKU", "units", "revenue (minor units)", "currency")
UNFINISHED = "Lists and sales are short of the rest: run `orderbus views rebuild --yes` again, to its end."


def rebuild_views(account: Account, *, as_json: bool, sure: bool) -> ExitCode:
    """Rebuild both projections from the event log, or say what that means; and say what was done."""
    console = terminal(stderr=True)
    if not sure:
        _say_plan(account.stage, as_json=as_json)
        return ExitCode.OK
    started = perf_counter()
    done = _rebuilt(account, console)
    seconds = round(perf_counter() - started, 3)
    if as_json:
        write_json({**done.as_json(), "seconds": seconds, "done": True})
    else:
        console.print(f"{_so_far(done)}, in {seconds} s.")
    for row in done.unreadable:
        console.print(f"cannot be read: {row}")
    return ExitCode.INCOMPLETE if done.unreadable else ExitCode.OK


def _rebuilt(account: Account, console: Terminal) -> Rebuilt:
    """What the rebuild did; a CommandError that says how far it came, where something stops it half-way."""
    latest = Rebuilt()

    def said(now: Rebuilt) -> None:
        nonlocal latest
        latest = now
        show(_so_far(now))

    try:
        with aws_errors(hint=AGAIN), console.progress() as show:
            return rebuild(account.client("dynamodb"), account.names, said)
    except (KeyboardInterrupt, CommandError) as stopped:
        is_interrupted = isinstance(stopped, KeyboardInterrupt)
        if not is_interrupted and latest == Rebuilt():
            raise  # nothing has been emptied
        raise CommandError(
            f"{_so_far(latest)}, then: {str(stopped) or 'it was interrupted.'}",
            hint=UNFINISHED,
            code=ExitCode.INCOMPLETE if is_interrupted else ExitCode.AWS_REFUSED,
        ) from stopped


def show_sales(account: Account, day: str, *, as_json: bool) -> ExitCode:
    """What was shipped on a day, by article."""
    with aws_errors(hint=LOOK):
        sold = sales_on(account.client("dynamodb"), account.names, day)
    if as_json:
        write_json([to_builtins(total) for total in sold])
    else:
        terminal().print_table(
            SALES, map(_cells, sold), title=f"Shipped on {day}, UTC", right=frozenset({1, 2})
        )
    return ExitCode.OK


def _say_plan(stage: str, *, as_json: bool) -> None:
    if as_json:
        write_json({**Rebuilt().as_json(), "seconds": 0.0, "done": False})
        return
    console = terminal()
    console.print(f"This empties the read model of stage {stage} before it fills it from the event log.")
    console.print("Lists of orders are short of some until it is done.")
    console.print("Nothing was done. Say --yes to do it.")


def _so_far(done: Rebuilt) -> str:
    return f"{done.removed} rows removed, {done.read} facts read, {done.projected} projected"


def _cells(total: Total) -> tuple[str, ...]:
    return total.sku, str(total.units), str(total.revenue), total.currency
