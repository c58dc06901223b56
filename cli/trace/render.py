"""`orderbus trace`: print a trace as a tree, a diagram or JSON."""

from datetime import datetime
from enum import StrEnum

from rich.tree import Tree

from cli.core.account import Account
from cli.core.event_history import LoggedFact, Payment
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import Line, styled, terminal, write_json
from cli.trace.dead_letters import OrderDeadLetter
from cli.trace.deliveries import FunctionDelivery, deliveries
from cli.trace.export.exports import Exports
from cli.trace.mermaid import mermaid
from cli.trace.trace import Trace, trace_of

COLOURS = {
    "dead-lettered": "red",
    "not dead-lettered": "red",
    "retried": "yellow",
    "payment unknown": "yellow",
}
UNLOGGED = "This trace's successes are not logged, so waiting consumers are unknown."


class TraceFormat(StrEnum):
    """The output format."""

    TREE = "tree"
    MERMAID = "mermaid"
    JSON = "json"


def show_trace(
    account: Account,
    order_id: str,
    output: TraceFormat,
    *,
    exports: Exports,
    dead_letters_as_of: datetime | None = None,
) -> ExitCode:
    """Export or print the trace; search the dead-letter queues, too, if a time is given."""
    trace = trace_of(account, order_id, dead_letters_as_of=dead_letters_as_of)
    done = exports.export(account, trace)
    console = terminal(stderr=True)
    for line in done:
        console.print_lines(line)
    match output:
        case TraceFormat.JSON:
            write_json(trace.as_json())
        case TraceFormat.MERMAID:
            terminal().print_lines(mermaid(trace).removesuffix("\n"))
        case TraceFormat.TREE if not done:
            terminal().print(tree(trace))
    for row in trace.unreadable_facts:
        console.print(f"cannot be read: {row}")
    for log in trace.unreadable:
        console.print(f"log not readable: {log}")
    for component in trace.dead_letters.cut_short if trace.dead_letters else ():
        console.print(f"not all dead-lettered messages were searched: {component}")
    for component, count in trace.dead_letters.in_flight.items() if trace.dead_letters else ():
        console.print(f"in flight, not searched: {count} dead-lettered messages of {component}")
    return ExitCode.INCOMPLETE if trace.unreadable_facts else ExitCode.OK


def tree(trace: Trace) -> Tree:
    """Return each fact below its cause, with its log entries."""
    root = Tree(styled("order ", (trace.order_id, "bold"), f"  trace {trace.facts[0].trace_id}"))
    for cause in trace.causes():
        branch = root.add(_origin(trace, cause))
        _add_effects(branch, trace, cause)
    if trace.payment:
        root.add(_payment(trace.payment))
    for delivery in deliveries(trace.other_entries()):
        root.add(_delivery(delivery))
    for dead in trace.other_dead_letters():
        root.add(_dead_letter(dead))
    if trace.waiting_for is None:
        root.add(UNLOGGED)
    return root


def _add_effects(branch: Tree, trace: Trace, cause: str) -> None:
    for delivery in deliveries(trace.entries_on(cause)):
        branch.add(_delivery(delivery))
    if late := trace.waiting_services(cause):
        branch.add(styled((f"waiting for: {', '.join(late)}", "yellow")))
    for fact in trace.caused_by(cause):
        below = branch.add(_fact(fact))
        for dead in trace.dead_letters_of(fact.id):
            below.add(_dead_letter(dead))
        _add_effects(below, trace, fact.id)


def _origin(trace: Trace, cause: str) -> str:
    """Describe a cause that is not a fact of the order."""
    fact = next((entry.fact for entry in trace.entries_on(cause) if entry.fact), "a request or a timer")
    return f"{fact}  {cause}"


def _fact(fact: LoggedFact) -> Line:
    reason = f" ({fact.reason})" if fact.reason else ""
    return styled((fact.type, "bold"), f"{reason}  by {fact.owner}  {_time(fact.time)}  {fact.id}")


def _delivery(delivery: FunctionDelivery) -> Line:
    entry = delivery.last
    return styled((f"{delivery}  {_time(entry.at)}", COLOURS.get(entry.outcome, "dim")))


def _dead_letter(dead: OrderDeadLetter) -> Line:
    text = f"message {dead.message_id[:8]} in {dead.queue}: {dead.reason}  {_time(dead.at)}"
    return styled((text, "red"))


def _payment(payment: Payment) -> str:
    requests = f"{payment.tries} requests" if payment.tries != 1 else "1 request"
    due = f", next check {payment.due_at}" if payment.due_at else ""
    problem = f", {payment.problem}" if payment.problem else ""
    return f"payment gateway: {payment.status}, {requests}{problem}{due}"


def _time(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
