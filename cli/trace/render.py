"""`orderbus trace`: one order's way, shown."""

from datetime import datetime
from enum import StrEnum

from rich.tree import Tree

from cli.core.account import Account
from cli.core.event_history import Payment, Stated
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import Line, styled, terminal, write_json
from cli.trace.dead_letters import Waiting
from cli.trace.deliveries import Delivery, deliveries
from cli.trace.mermaid import mermaid
from cli.trace.trace import Trace, trace_of

COLOURS = {
    "dead-lettered": "red",
    "not dead-lettered": "red",
    "retried": "yellow",
    "payment unknown": "yellow",
}


UNLOGGED = "The successes of this trace are not logged: who has yet to handle what is unknown."


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
            write_json(trace.as_json())
        case Form.MERMAID:
            terminal().print_lines(mermaid(trace).removesuffix("\n"))
        case Form.TREE:
            terminal().print(tree(trace))
    console = terminal(stderr=True)
    for row in trace.unreadable_facts:
        console.print(f"cannot be read: {row}")
    for log in trace.unreadable:
        console.print(f"log not readable: {log}")
    for hop in trace.letters.cut_short if trace.letters else ():
        console.print(f"not all dead letters were looked at: {hop}")
    for hop, count in trace.letters.in_flight.items() if trace.letters else ():
        console.print(f"not looked at: {count} dead letters of {hop}, in somebody's hands")
    return ExitCode.INCOMPLETE if trace.unreadable_facts else ExitCode.OK


def tree(trace: Trace) -> Tree:
    """Each fact under what caused it, with what the logs say about it."""
    root = Tree(styled("order ", (trace.order_id, "bold"), f"  trace {trace.facts[0].trace_id}"))
    for cause in trace.causes():
        branch = root.add(_origin(trace, cause))
        _hang(branch, trace, cause)
    if trace.payment:
        root.add(_payment(trace.payment))
    for delivery in deliveries(trace.other_notes()):
        root.add(_delivery(delivery))
    for letter in trace.other_letters():
        root.add(_letter(letter))
    if trace.waiting_for is None:
        root.add(UNLOGGED)
    return root


def _hang(branch: Tree, trace: Trace, cause: str) -> None:
    for delivery in deliveries(trace.notes_on(cause)):
        branch.add(_delivery(delivery))
    if late := trace.unhandled(cause):
        branch.add(styled((f"waiting for: {', '.join(late)}", "yellow")))
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


def _fact(fact: Stated) -> Line:
    why = f" ({fact.reason})" if fact.reason else ""
    return styled((fact.type, "bold"), f"{why}  by {fact.owner}  {_time(fact.time)}  {fact.id}")


def _delivery(delivery: Delivery) -> Line:
    note = delivery.last
    return styled((f"{delivery}  {_time(note.at)}", COLOURS.get(note.outcome, "dim")))


def _letter(letter: Waiting) -> Line:
    words = f"dead letter {letter.message_id[:8]} in {letter.queue}: {letter.reason}"
    return styled((f"{words}  {_time(letter.at)}", "red"))


def _payment(payment: Payment) -> str:
    asked = f"asked {payment.tries} times" if payment.tries != 1 else "asked once"
    due = f", looked at again {payment.due_at}" if payment.due_at else ""
    problem = f", {payment.problem}" if payment.problem else ""
    return f"payment gateway: {payment.status}, {asked}{problem}{due}"


def _time(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
