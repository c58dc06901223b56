"""The journey of one order, from the event log and the readable logs of the functions."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cli.core.account import LOOK, Account, aws_errors
from cli.core.errors import CommandError
from cli.core.event_history import LoggedFact, Payment, facts_of, payment_of
from cli.core.exit_codes import ExitCode
from cli.core.fact_selection import order_ids, unknown_order
from cli.trace.dead_letters import OrderDeadLetter, OrderDeadLetters, dead_letters_of
from cli.trace.deliveries import waiting_services
from cli.trace.log_search import LogEntry, LogSearch, search_logs


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Everything known about an order's journey."""

    order_id: str
    facts: list[LoggedFact]
    payment: Payment | None
    entries: list[LogEntry]
    unreadable: list[str]
    """The logs that could not be read, with the reason."""
    unreadable_facts: list[str] = field(default_factory=list)
    """The keys of the event log's rows that contain no readable fact."""
    dead_letters: OrderDeadLetters | None = None
    """The order's dead-lettered messages, if they were searched."""
    waiting_for: dict[str, list[str]] | None = None
    """By event id, the services yet to handle it; None if successes are not logged."""

    def causes(self) -> list[str]:
        """Return the causes that are not facts of the order: requests, and partners' events."""
        known = {fact.id for fact in self.facts}
        return list(dict.fromkeys(fact.causation_id for fact in self.facts if fact.causation_id not in known))

    def caused_by(self, cause: str) -> list[LoggedFact]:
        """Return the facts with this cause, oldest first."""
        return [fact for fact in self.facts if fact.causation_id == cause]

    def entries_on(self, event_id: str) -> list[LogEntry]:
        """Return the log entries about an event or a request, oldest first."""
        return [entry for entry in self.entries if event_id in {entry.event_id, entry.causation_id}]

    def dead_letters_of(self, event_id: str) -> list[OrderDeadLetter]:
        """Return the dead-lettered messages of an event."""
        return [each for each in self._dead_letters() if each.event_id == event_id]

    def waiting_services(self, event_id: str) -> list[str]:
        """Return the services yet to handle the event; none if that is unknown."""
        return (self.waiting_for or {}).get(event_id, [])

    def other_dead_letters(self) -> list[OrderDeadLetter]:
        """Return the order's dead-lettered messages that are not facts of it."""
        known = {fact.id for fact in self.facts}
        return [each for each in self._dead_letters() if each.event_id not in known]

    def _dead_letters(self) -> list[OrderDeadLetter]:
        return self.dead_letters.messages if self.dead_letters else []

    def other_entries(self) -> list[LogEntry]:
        """Return the log entries about the order but none of its events."""
        known = {*self.causes(), *(fact.id for fact in self.facts)}
        return [entry for entry in self.entries if not known & {entry.event_id, entry.causation_id}]

    def as_json(self) -> dict[str, Any]:
        """One JSON object."""
        return {
            "order_id": self.order_id,
            "facts": [
                {
                    **_plain(fact),
                    "trace_id": fact.trace_id,
                    "notes": [_plain(entry) for entry in self.entries_on(fact.id)],
                    "waiting_for": self.waiting_services(fact.id) if self.waiting_for is not None else None,
                }
                for fact in self.facts
            ],
            "causes": [
                {"id": cause, "notes": [_plain(entry) for entry in self.entries_on(cause)]}
                for cause in self.causes()
            ],
            "other_notes": [_plain(entry) for entry in self.other_entries()],
            "payment": asdict(self.payment) if self.payment else None,
            "unreadable": self.unreadable,
            "unreadable_facts": self.unreadable_facts,
            "dead_letters": [_plain(each) for each in self._dead_letters()] if self.dead_letters else None,
        }


def trace_of(account: Account, order_id: str, *, dead_letters_as_of: datetime | None = None) -> Trace:
    """Return the order's trace; raise CommandError if the order is unknown."""
    order_ids([order_id])
    with aws_errors(hint=LOOK):
        dynamodb = account.client("dynamodb")
        history = facts_of(dynamodb, account.names, order_id)
        if not history.facts:
            raise _without_fact(order_id, history.unreadable)
        payment = payment_of(dynamodb, account.names, order_id, history.facts)
        dead = dead_letters_of(account, order_id, dead_letters_as_of) if dead_letters_as_of else None
    logs = _search_logs(account, order_id, history.facts)
    return Trace(
        order_id=order_id,
        facts=history.facts,
        payment=payment,
        entries=logs.entries,
        unreadable=logs.unreadable,
        unreadable_facts=history.unreadable,
        dead_letters=dead,
        waiting_for=waiting_services(
            account.names,
            history.facts,
            logs.entries,
            unreadable_logs=logs.unreadable,
            dead=dead.messages if dead else (),
        ),
    )


def _without_fact(order_id: str, unreadable: list[str]) -> CommandError:
    """Return the error for an order without a readable fact."""
    if not unreadable:
        return unknown_order(order_id)
    return CommandError(
        f"No fact about {order_id} can be read: {', '.join(unreadable)}.",
        hint="Orderbus never changes an event; restore the event log to an earlier point in time.",
        code=ExitCode.INCOMPLETE,
    )


def _search_logs(account: Account, order_id: str, facts: list[LoggedFact]) -> LogSearch:
    """Return the log entries; if the logs cannot be read, the event log alone has the journey."""
    try:
        return search_logs(account.client("logs"), account.names, order_id, facts)
    except (BotoCoreError, ClientError) as error:
        return LogSearch([], [str(error)])


def _plain(row: LoggedFact | LogEntry | OrderDeadLetter) -> dict[str, Any]:
    fields = asdict(row)
    return {name: value.isoformat() if name in {"time", "at"} else value for name, value in fields.items()}
