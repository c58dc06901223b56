"""`orderbus trace`: one order's way, shown."""

import json
import sys
from datetime import datetime
from enum import StrEnum

from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from ops.account import Account
from ops.exit_codes import ExitCode
from ops.history import Payment, Stated
from ops.log_search import Noted
from ops.sequence import mermaid
from ops.trace import Trace, trace_of
from ops.trace_letters import Waiting

WIDE = 240
COLOURS = {"parked": "red", "not parked": "red", "retried": "yellow", "payment unknown": "yellow"}


class Form(StrEnum):
    """What a trace is shown as."""

    TREE = "tree"
    MERMAID = "mermaid"
    JSON = "json"


def show_trace(
    account: Account, order_id: str, form: Form, *, letters_as_of: datetime | None = None
) -> ExitCode:
    """Show the order's way as it is wanted, with its dead letters as of that moment."""
    trace = trace_of(account, order_id, letters_as_of=letters_as_of)
    match form:
        case Form.JSON:
            sys.stdout.write(json.dumps(trace.as_json()) + "\n")
        case Form.MERMAID:
            sys.stdout.write(mermaid(trace))
        case Form.TREE:
            # Elsewhere than on a terminal, Rich would fold a tree's lines at eighty characters.
            Console(highlight=False, width=None if sys.stdout.isatty() else WIDE).print(tree(trace))
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for row in trace.unreadable_facts:
        console.print(f"cannot be read: {row}", markup=False)
    for log in trace.unreadable:
        console.print(f"log not readable: {log}", markup=False)
    for hop in trace.letters.cut_short if trace.letters else ():
        console.print(f"not all dead letters were looked at: {hop}", markup=False)
    for hop, count in trace.letters.in_flight.items() if trace.letters else ():
        console.print(f"not looked at: {count} dead letters of {hop}, in somebody's hands", markup=False)
    return ExitCode.INCOMPLETE if trace.unreadable_facts else ExitCode.OK


def tree(trace: Trace) -> Tree:
    """Each fact under what caused it, with what the logs say about it."""
    root = Tree(f"order [bold]{trace.order_id}[/bold]  trace {trace.facts[0].trace_id}")
    for cause in trace.causes():
        branch = root.add(escape(_origin(trace, cause)))
        _hang(branch, trace, cause)
    if trace.payment:
        root.add(escape(_payment(trace.payment)))
    for note in trace.other_notes():
        root.add(_note(note))
    for letter in trace.other_letters():
        root.add(_letter(letter))
    return root


def _hang(branch: Tree, trace: Trace, cause: str) -> None:
    for note in trace.notes_on(cause):
        branch.add(_note(note))
    for fact in trace.led_to_by(cause):
        told = branch.add(_fact(fact))
        for letter in trace.waiting_with(fact.id):
            told.add(_letter(letter))
        _hang(told, trace, fact.id)


def _origin(trace: Trace, cause: str) -> str:
    """What is known of a cause that is no fact about the order."""
    schemas = {note.schema for note in trace.notes_on(cause)} - {"-"}
    return f"{_fact_in(schemas.pop()) if schemas else 'a request, or the clock'}  {cause}"


def _fact_in(schema: str) -> str:
    """`urn:orderbus:schema:storefront:CheckoutCompleted:1` names CheckoutCompleted."""
    return schema.split(":")[-2]


def _fact(fact: Stated) -> str:
    why = f" ({escape(fact.reason)})" if fact.reason else ""
    return f"[bold]{escape(fact.type)}[/bold]{why}  by {escape(fact.owner)}  {_time(fact.time)}  {fact.id}"


def _note(note: Noted) -> str:
    colour = COLOURS.get(note.outcome, "dim")
    again = "" if note.receive_count in {"-", "1"} else f", received {note.receive_count} times"
    why = f": {note.reason}" if note.reason else ""
    words = escape(f"{note.outcome} by {note.function}{again}{why}")
    return f"[{colour}]{words}  {_time(note.at)}[/{colour}]"


def _letter(letter: Waiting) -> str:
    words = escape(f"dead letter {letter.message_id[:8]} in {letter.queue}: {letter.reason}")
    return f"[red]{words}  {_time(letter.at)}[/red]"


def _payment(payment: Payment) -> str:
    asked = f"asked {payment.tries} times" if payment.tries != 1 else "asked once"
    due = f", looked at again {payment.due_at}" if payment.due_at else ""
    problem = f", {payment.problem}" if payment.problem else ""
    return f"payment gateway: {payment.status}, {asked}{problem}{due}"


def _time(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
