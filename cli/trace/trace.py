"""One order's way, from the event log and, as far as they can be read, from the functions' logs."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cli.core.account import LOOK, Account, aws_errors
from cli.core.errors import CommandError
from cli.core.event_history import Payment, Stated, facts_of, payment_of
from cli.core.exit_codes import ExitCode
from cli.core.order_ids import orders_of, unknown
from cli.trace.dead_letters import Letters, Waiting, letters_about
from cli.trace.deliveries import waiting
from cli.trace.log_search import Found, Noted, notes_about


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """All that is known of an order's way."""

    order_id: str
    facts: list[Stated]
    payment: Payment | None
    notes: list[Noted]
    unreadable: list[str]
    """Logs that were not readable, and why."""
    unreadable_facts: list[str] = field(default_factory=list)
    """Rows of the event log that hold no fact that can be read, by their keys."""
    letters: Letters | None = None
    """The order's dead letters, if they were looked for."""
    waiting_for: dict[str, list[str]] | None = None
    """By event id, the services that have yet to handle it; None where successes are not logged."""

    def causes(self) -> list[str]:
        """What led to facts and is no fact about the order: requests, and events from outside."""
        known = {fact.id for fact in self.facts}
        return list(dict.fromkeys(fact.causation_id for fact in self.facts if fact.causation_id not in known))

    def led_to_by(self, cause: str) -> list[Stated]:
        """The facts that came of it, the oldest first."""
        return [fact for fact in self.facts if fact.causation_id == cause]

    def notes_on(self, event_id: str) -> list[Noted]:
        """What was noted on an event or a request, the oldest first."""
        return [note for note in self.notes if event_id in {note.event_id, note.causation_id}]

    def waiting_with(self, event_id: str) -> list[Waiting]:
        """The dead letters that an event has become."""
        return [each for each in self._waiting() if each.event_id == event_id]

    def unhandled(self, event_id: str) -> list[str]:
        """Return the services that have yet to handle the event, as far as that is known."""
        return (self.waiting_for or {}).get(event_id, [])

    def other_letters(self) -> list[Waiting]:
        """The order's dead letters that are none of its facts."""
        known = {fact.id for fact in self.facts}
        return [each for each in self._waiting() if each.event_id not in known]

    def _waiting(self) -> list[Waiting]:
        return self.letters.waiting if self.letters else []

    def other_notes(self) -> list[Noted]:
        """What was noted on the order, but on no event of it."""
        known = {*self.causes(), *(fact.id for fact in self.facts)}
        return [note for note in self.notes if not known & {note.event_id, note.causation_id}]

    def as_json(self) -> dict[str, Any]:
        """One JSON object."""
        return {
            "order_id": self.order_id,
            "facts": [
                {
                    **_told(fact),
                    "trace_id": fact.trace_id,
                    "notes": [_told(note) for note in self.notes_on(fact.id)],
                    "waiting_for": self.unhandled(fact.id) if self.waiting_for is not None else None,
                }
                for fact in self.facts
            ],
            "causes": [
                {"id": cause, "notes": [_told(note) for note in self.notes_on(cause)]}
                for cause in self.causes()
            ],
            "other_notes": [_told(note) for note in self.other_notes()],
            "payment": asdict(self.payment) if self.payment else None,
            "unreadable": self.unreadable,
            "unreadable_facts": self.unreadable_facts,
            "dead_letters": [_told(each) for each in self.letters.waiting] if self.letters else None,
        }


def trace_of(account: Account, order_id: str, *, letters_as_of: datetime | None = None) -> Trace:
    """The order's way, with its dead letters as of that moment if any; a CommandError if it is unknown."""
    orders_of([order_id])
    with aws_errors(hint=LOOK):
        dynamodb = account.client("dynamodb")
        history = facts_of(dynamodb, account.names, order_id)
        if not history.facts:
            raise _untold(order_id, history.unreadable)
        payment = payment_of(dynamodb, account.names, order_id)
        letters = letters_about(account, order_id, letters_as_of) if letters_as_of else None
    found = _notes(account, order_id, history.facts)
    return Trace(
        order_id=order_id,
        facts=history.facts,
        payment=payment,
        notes=found.lines,
        unreadable=found.unreadable,
        unreadable_facts=history.unreadable,
        letters=letters,
        waiting_for=waiting(
            account.names,
            history.facts,
            found.lines,
            unreadable_logs=found.unreadable,
            dead=letters.waiting if letters else (),
        ),
    )


def _untold(order_id: str, unreadable: list[str]) -> CommandError:
    """What to say of an order without a single fact to tell."""
    if not unreadable:
        return unknown(order_id)
    return CommandError(
        f"No fact about {order_id} can be read: {', '.join(unreadable)}.",
        hint="Nothing of ours changes a row of the event log; point_in_time_recovery keeps what it was.",
        code=ExitCode.INCOMPLETE,
    )


def _notes(account: Account, order_id: str, facts: list[Stated]) -> Found:
    """The logs, if they can be had: the event log tells the order's way without them."""
    try:
        return notes_about(account.client("logs"), account.names, order_id, facts)
    except (BotoCoreError, ClientError) as error:
        return Found([], [str(error)])


def _told(row: Stated | Noted | Waiting) -> dict[str, Any]:
    said = asdict(row)
    return {name: value.isoformat() if name in {"time", "at"} else value for name, value in said.items()}
