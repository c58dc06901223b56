"""A stage in which there is something for every command to do, and all that a person may type there."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cli.core.exit_codes import ExitCode
from infrastructure import topology
from infrastructure.settings import Forward
from tests.infrastructure.conftest import FORWARD
from tests.permissions.people import DEV, Person
from tests.workflow.dead_letter_queues import send
from tests.workflow.replays import log_of
from tests.workflow.shop import Shop, a_checkout, an_order, checkout_entry

BUS = str(FORWARD[0]["event_bus_arn"])
"""The bus that the stage forwards to, in the offline cloud's own account."""
FORWARDED = Forward(facts=("OrderConfirmed",), event_bus_arn=BUS).key
DEAD_LETTERED = {"reason": "reaction_failed", "error_class": "RuntimeError", "consumer": "any"}
DAY = "1d"
MISTAKEN = [{"sku": "CUP", "quantity": "2", "unit_price": 650}]
"""A text for a number."""


@dataclass
class OperatorWork:
    """A shop in need of an operator, and the folder of the files for the commands."""

    shop: Shop
    folder: Path
    order: str

    def file(self, name: str, text: str = "") -> Path:
        path = self.folder / name
        if text:
            path.write_text(text)
        return path


def work(shop: Shop, folder: Path) -> OperatorWork:
    """A shipped order, and dead-lettered messages of every kind on every hop."""
    shop.cloud.client("events").create_event_bus(Name="partner")
    order = shop.place(an_order())
    shop.cloud.put_events([checkout_entry(a_checkout(lines=MISTAKEN))])
    shop.cloud.settle()
    for service in topology.SERVICES:
        send(shop, f"{service.name}-dlq", "no event at all", **DEAD_LETTERED)
    for fact in topology.FACTS:
        if not topology.is_external(fact):
            arn = shop.cloud.access.location.arn("sns", DEV.topic(fact.name))
            send(shop, "order-bus-dlq", _bus_event(fact.owner, fact.name), **_undelivered(arn))
    send(shop, f"forward-{FORWARDED}-dlq", _bus_event("orders", "OrderConfirmed"), **_undelivered(BUS))
    send(shop, "inventory-levels-dlq", "a change that nobody judged")
    first = log_of(shop)[0]
    send(shop, "relay-dlq", json.dumps(first), **DEAD_LETTERED)
    send(shop, "relay-dlq", json.dumps(_discarded(first["time"])))
    return OperatorWork(shop, folder, order)


def look(person: Person, work: OperatorWork) -> None:
    """All that changes nothing."""
    person.types("status")
    person.types("trace", work.order, "--dead-letters")
    for group in person.types("dlq", "ls")["groups"]:
        for message in group["messages"]:
            person.types("dlq", "show", message)
    person.types("dlq", "log")
    person.types("orders", "ls", "--token", "a customer's")
    assert person.types("orders", "ls", "--customer", "ada")
    person.types("stock", "ls")
    person.types("views", "sales", datetime.now(UTC).date().isoformat())
    person.types("events", "tail", "--no-follow")
    person.types("events", "tail", "--no-follow", "--order", work.order)


def do(person: Person, work: OperatorWork, *sure: str) -> None:
    """All that changes something, if it is `--yes`; otherwise as a dry run."""
    _fix_dead_letters(person, work, *sure)
    for service in topology.TOPOLOGY.replayable:
        progress = ("--progress", work.file(f"{service}{''.join(sure)}.json"))
        person.types("replay", service, "--since", DAY, "--rate", 3000, *progress, *sure)
        person.types("replay", service, "--since", DAY, "--from-archive", *sure)
    person.types("republish", "--order", work.order, "--rate", 3000, *sure)
    person.types("stock", "load", work.file("note.csv", "sku,quantity,reorder_level\nTEAPOT,7,6\n"), *sure)
    person.types("stock", "set", "CUP", 90, *sure)


def do_at_once(person: Person, work: OperatorWork) -> None:
    """Run the commands without a dry run."""
    document = checkout_entry(a_checkout(key="another"))["Detail"]
    person.types("events", "put", work.file("checkout.json", document))
    person.types("views", "rebuild", "--yes")


def _fix_dead_letters(person: Person, work: OperatorWork, *sure: str) -> None:
    groups = person.types("dlq", "ls", "--consumer", "orders", "--reason", "data_invalid")["groups"]
    if groups:
        fixed_quantity = ("--set", "/data/lines/0/quantity=2")
        person.types("dlq", "edit", groups[0]["messages"][0], *fixed_quantity, *sure)
    code, out, err = person.tries("dlq", "redrive", "--rate", 1000, *sure)
    # The message of the stock table's stream stays until it is purged.
    assert code == (ExitCode.INCOMPLETE if sure else ExitCode.OK), out + err
    work.shop.cloud.settle()
    person.types("dlq", "purge", "--to", work.file("purged.jsonl"), *sure)


def _bus_event(source: str, fact: str) -> str:
    return json.dumps({"source": source, "detail-type": fact, "detail": {"type": fact}})


def _undelivered(target: str) -> dict[str, str]:
    return {"RULE_ARN": "arn:rule", "TARGET_ARN": target, "ERROR_CODE": "NO_RESOURCE"}


def _discarded(time: str) -> dict[str, Any]:
    arrivals = {
        "approximateArrivalOfFirstRecord": time,
        "approximateArrivalOfLastRecord": time,
        "batchSize": 1,
    }
    return {"DDBStreamBatchInfo": arrivals, "requestContext": {"condition": "RetryAttemptsExhausted"}}
