"""`orderbus events tail`, carried out."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cli.core.account import LOOK, Account, aws_errors
from cli.core.event_log_reader import FactLog
from cli.core.event_names import refuse_unheard_of
from cli.core.exit_codes import ExitCode
from cli.core.fact_selection import Selection
from cli.core.order_ids import orders_of
from cli.core.terminal_text import terminal, write_json
from cli.events.tail_sources import OrderSource, RelaySource, Source
from cli.events.tailed_fact import Heard
from infrastructure.names import LIVE

BETWEEN_LOOKS = 2
"""Seconds; an account may ask CloudWatch Logs five times a second in a region."""

RECENT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which facts, from when on, and how they are shown."""

    orders: Sequence[str]
    facts: Sequence[str]
    since: datetime | None
    """Where none is given: of an order all there is, of all orders what came in the last ten minutes."""
    now: datetime
    follow: bool
    data: bool
    """Whether what a fact says is shown as well, and with it whatever it holds of a customer."""
    as_json: bool
    sleep: Callable[[float], None]


def tail(account: Account, wish: Wish) -> ExitCode:
    """Write a line for each fact, until Ctrl-C, or until there is no more where nobody follows."""
    for fact in wish.facts:
        refuse_unheard_of(fact)
    with aws_errors(hint=LOOK):
        log = FactLog(dynamodb=account.client("dynamodb"), names=account.names, sleep=wish.sleep)
        unreadable = Unreadable(log)
        try:
            for heard in _heard(_source(account, log, wish), unreadable, wish):
                _write(heard, wish)
        except KeyboardInterrupt:
            return ExitCode.OK
    return ExitCode.INCOMPLETE if unreadable.named else ExitCode.OK


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The event log's rows that cannot be told, each named once however often it is met."""

    log: FactLog
    named: set[str] = field(default_factory=set)

    def say(self) -> None:
        """Name those that have been met since, on stderr."""
        console = terminal(stderr=True)
        for row in dict.fromkeys(self.log.unreadable):
            if row not in self.named:
                console.print(f"cannot be read: {row}")
                self.named.add(row)
        self.log.unreadable.clear()


def _source(account: Account, log: FactLog, wish: Wish) -> Source:
    facts = frozenset(wish.facts) or None
    if wish.orders:
        selection = Selection(orders=orders_of(wish.orders), facts=facts, since=wish.since)
        return OrderSource(log=log, selection=selection)
    _say_share(account)
    group = f"/aws/lambda/{account.names.relay}"
    logs = account.client("logs")
    return RelaySource(logs=logs, group=group, log=log, since=wish.since or wish.now - RECENT, facts=facts)


def _say_share(account: Account) -> None:
    """Say which share of all facts this is, where it is not all of them."""
    relay = account.client("lambda").get_function_configuration(
        FunctionName=account.names.relay, Qualifier=LIVE
    )
    share = float(relay.get("Environment", {}).get("Variables", {}).get("SUCCESS_LOG_RATE", "0"))
    if share < 1:
        terminal(stderr=True).print(
            f"The facts of {share:.0%} of all traces, which this stage logs; with --order, all of an order's."
        )


def _heard(source: Source, unreadable: Unreadable, wish: Wish) -> Iterator[Heard]:
    while True:
        yield from source.new()
        unreadable.say()
        if not wish.follow:
            return
        wish.sleep(BETWEEN_LOOKS)


def _write(heard: Heard, wish: Wish) -> None:
    """Write one event and flush it, as somebody or a pipe waits for it."""
    if wish.as_json:
        write_json(heard.as_json(data=wish.data))
    else:
        for line in heard.lines(data=wish.data):
            terminal().print(line)
        sys.stdout.flush()
