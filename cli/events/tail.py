"""`orderbus events tail`: print facts as they arrive."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cli.core.account import LOOK, Account, aws_errors
from cli.core.event_log_reader import FactLog
from cli.core.exit_codes import ExitCode
from cli.core.fact_selection import FactSelection, order_ids, require_known_fact
from cli.core.terminal_text import terminal, write_json
from cli.events.tail_sources import OrderSource, RelaySource, Source
from cli.events.tailed_fact import TailedFact
from infrastructure.names import LIVE

POLL_SECONDS = 2
"""CloudWatch Logs allows five FilterLogEvents requests per second, account and region."""

RECENT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class TailOptions:
    """The facts to print, the start time, and the format."""

    orders: Sequence[str]
    facts: Sequence[str]
    since: datetime | None
    """By default, from the beginning for one order, and from ten minutes ago for all orders."""
    now: datetime
    follow: bool
    data: bool
    """Whether to print the payload, which may contain personal data."""
    as_json: bool
    sleep: Callable[[float], None]


def tail(account: Account, options: TailOptions) -> ExitCode:
    """Print a line per fact, until Ctrl-C, or without `follow` until the last one."""
    for name in options.facts:
        require_known_fact(name)
    with aws_errors(hint=LOOK):
        log = FactLog(dynamodb=account.client("dynamodb"), names=account.names, sleep=options.sleep)
        unreadable = UnreadableRows(log)
        try:
            for fact in _facts(_source(account, log, options), unreadable, options):
                _write(fact, options)
        except KeyboardInterrupt:
            return ExitCode.OK
    return ExitCode.INCOMPLETE if unreadable.printed else ExitCode.OK


@dataclass(frozen=True, slots=True)
class UnreadableRows:
    """The unreadable rows of the event log, each printed once."""

    log: FactLog
    printed: set[str] = field(default_factory=set)

    def print_new(self) -> None:
        """Print the new ones on stderr."""
        console = terminal(stderr=True)
        for row in dict.fromkeys(self.log.unreadable):
            if row not in self.printed:
                console.print(f"cannot be read: {row}")
                self.printed.add(row)
        self.log.unreadable.clear()


def _source(account: Account, log: FactLog, options: TailOptions) -> Source:
    facts = frozenset(options.facts) or None
    if options.orders:
        selection = FactSelection(orders=order_ids(options.orders), facts=facts, since=options.since)
        return OrderSource(log=log, selection=selection)
    _print_share(account)
    group = f"/aws/lambda/{account.names.relay}"
    logs = account.client("logs")
    return RelaySource(
        logs=logs, group=group, log=log, since=options.since or options.now - RECENT, facts=facts
    )


def _print_share(account: Account) -> None:
    """Print which share of all facts this stage logs, if it is not all of them."""
    relay = account.client("lambda").get_function_configuration(
        FunctionName=account.names.relay, Qualifier=LIVE
    )
    share = float(relay.get("Environment", {}).get("Variables", {}).get("SUCCESS_LOG_RATE", "0"))
    if share < 1:
        terminal(stderr=True).print(
            f"This stage logs {share:.0%} of all orders. Use --order to see every fact of an order."
        )


def _facts(source: Source, unreadable: UnreadableRows, options: TailOptions) -> Iterator[TailedFact]:
    while True:
        yield from source.new()
        unreadable.print_new()
        if not options.follow:
            return
        options.sleep(POLL_SECONDS)


def _write(fact: TailedFact, options: TailOptions) -> None:
    """Write one fact, and flush it for the reader of a pipe."""
    if options.as_json:
        write_json(fact.as_json(data=options.data))
    else:
        for line in fact.lines(data=options.data):
            terminal().print(line)
        sys.stdout.flush()
