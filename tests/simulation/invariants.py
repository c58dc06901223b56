"""The invariants, checked at every step (★) or at the end; docs/reliability.md lists them by number."""

import json
from collections import Counter
from collections.abc import Iterator

from cli.read_model.rebuild import rebuild
from infrastructure.names import Names
from infrastructure.topology import SERVICES, consumers_of
from pocketcloud import Kind, OfflineCloud
from tests.simulation.calls import Calls
from tests.simulation.ledger import BrokenError, Ledger
from tests.simulation.tables import PREFIX, Tables

CANARIES = ("canary", "Ada Lovelace", "pm_card_")
"""Personal data of customers; none may appear in a log line or a message attribute."""
READ_MODEL = ("listings", "sales")
OPEN = {"created", "confirmed"}
"""The statuses of an order that has not ended."""
SUBJECTS = {
    "OrderCreated": "We have your order {}",
    "OrderConfirmed": "Your order {} is confirmed",
    "OrderCancelled": "Your order {} is cancelled",
    "PaymentRefunded": "Your payment for order {} is refunded",
    "ShipmentScheduled": "Your order {} is on its way",
}


class Invariants:
    """Checks the invariants of one run."""

    def __init__(self, cloud: OfflineCloud, tables: Tables, ledger: Ledger, calls: Calls) -> None:
        self._cloud = cloud
        self._tables = tables
        self._ledger = ledger
        self._calls = calls
        self._judged_at = -1
        self.judged = 0
        """Number of checks."""
        self.accepted: set[str] = set()
        """Orders that a customer knows to be accepted."""
        self.cancelled: set[str] = set()
        """Orders that a customer knows to be cancelled."""
        self.poison: set[str] = set()
        """Bodies of messages that no consumer can handle."""
        self.emails_may_repeat = False
        """Whether records of sent emails were deleted."""

    def now(self) -> None:
        """★ Check the current state, if a function has made a call since the last check."""
        if self._judged_at == self._calls.writes:
            return
        self._judged_at = self._calls.writes
        self.judged += 1
        self._ledger.catch_up()
        _raise_violations([*self._stock(), *self._money_moved(), *self._deadlines(), *self._permissions()])

    def at_the_end(self) -> None:
        """Check the final state, when nothing is in flight any more."""
        self.now()
        _raise_violations(
            [
                *self._ended(),
                *self._balanced(),
                *self._nothing_lost(),
                *self._effects(),
                *self._nothing_left(),
                *self._kept_private(),
            ]
        )

    def still_open(self) -> list[str]:
        """Return the open orders, and the payments that are unknown or have a refund due."""
        orders = [f"{order_id} is {status}" for order_id, status in self._orders() if status in OPEN]
        payments = [row for row in self._tables.rows("attempts") if "due_at" in row]
        return [*orders, *(f"{row['order_id']} is {row['status']}" for row in payments)]

    def _orders(self) -> list[tuple[str, str]]:
        """Return every order in the log with its status."""
        self._ledger.catch_up()
        return [(order_id, order.status) for order_id, order in self._ledger.model.orders.items()]

    def read_model_is_the_fold(self) -> None:
        """I9: the read model equals its rebuild from the event log."""
        kept = self.read_model()
        rebuild(self._cloud.client("dynamodb"), Names("dev"), lambda _: None)
        if kept != self.read_model():
            raise BrokenError("I9 the read model differs from its rebuild from the event log")

    def _stock(self) -> Iterator[str]:
        available = self._tables.stock()
        if min(available.values(), default=0) < 0:
            yield f"I1 oversold: {available}"
        if available != self._ledger.model.available:
            yield f"I2 the stock is {available}, expected {self._ledger.model.available}"

    def _money_moved(self) -> Iterator[str]:
        for what, times in self._tables.statement().items():
            kind, order_id = what.split(" ")
            if times > 1:
                yield f"I3 {times} times: {what}"
            order = self._ledger.model.orders.get(order_id)
            paid = order_id in self._ledger.lost or (order and order.has("PaymentProcessed"))
            if kind == "refund" and not paid:
                yield f"I3 a refund without a capture: {order_id}"

    def _deadlines(self) -> Iterator[str]:
        waiting = Counter(row["open_since"].rpartition("#")[2] for row in self._tables.rows("waiting"))
        for order_id, status in self._orders():
            if waiting[order_id] > 1 or (status in OPEN and not waiting[order_id]):
                yield f"I4 {status} order {order_id} waits {waiting[order_id]} times for its deadline"
        if strangers := waiting.keys() - self._ledger.model.orders.keys():
            yield f"I4 waiting, but not created: {min(strangers)}"

    def _permissions(self) -> Iterator[str]:
        for call in self._calls.denied:
            yield f"I14 not allowed: {call}"

    def _ended(self) -> Iterator[str]:
        statuses = dict(self._orders())
        for order_id in sorted(self.accepted - statuses.keys()):
            yield f"I6 accepted order {order_id} does not exist"
        for order_id, status in statuses.items():
            order = self._ledger.model.orders[order_id]
            if status in OPEN:
                yield f"I6 order {order_id} ended as {status}: {sorted(order.facts)}"
            if order_id in self.cancelled and status != "cancelled":
                yield f"I6 order {order_id} was cancelled and is {status}"
            released = order.has("InventoryReleased") or not order.has("InventoryReserved")
            if status == "cancelled" and not released:
                yield f"I5 cancelled order {order_id} holds stock"

    def _balanced(self) -> Iterator[str]:
        statement = self._tables.statement()
        for order_id, order in self._ledger.model.orders.items():
            taken, returned = statement[f"charge {order_id}"], statement[f"refund {order_id}"]
            owed = int(order.status == "shipped" and order.total["amount"] > 0)
            if taken - returned != owed:
                yield f"I3 {order.status} order {order_id}: {taken} captures and {returned} refunds"
            expected_charge = order.has("PaymentProcessed") and order.total["amount"] > 0
            recorded = (int(expected_charge), int(order.has("PaymentRefunded")))
            if order_id not in self._ledger.lost and (taken, returned) != recorded:
                yield f"I3 the ledger and the gateway's statement differ: {order_id}"

    def _nothing_lost(self) -> Iterator[str]:
        published = {
            hop.event.id
            for hop in self._cloud.journal.hops
            if hop.kind is Kind.ACCEPTED and hop.event and hop.destination == f"bus/{PREFIX}order-bus"
        }
        consumed = {
            (delivery.event.id, delivery.function)
            for delivery in self._cloud.deliveries
            if delivery.handled and delivery.event
        }
        for event_id, event in self._ledger.events.items():
            if event_id not in published:
                yield f"I6 {event['type']} {event['subject']} was never published"
            for service in consumers_of(event["type"]):
                if (event_id, f"{PREFIX}{service.name}") not in consumed:
                    yield f"I6 {service.name} has not handled {event['type']} {event['subject']}"

    def _effects(self) -> Iterator[str]:
        sent = Counter(email.subject for email in self._cloud.mails)
        expected = {
            SUBJECTS[event["type"]].format(event["subject"])
            for event in self._ledger.events.values()
            if event["type"] in SUBJECTS
        }
        lost = _every_email(self._ledger.lost)
        optional = self._about_fraud() | _every_email(self._ledger.erased) | lost
        if set(sent) - optional != expected - optional or not set(sent) - lost <= expected:
            yield f"I7 the emails are not those of the facts: {sorted(set(sent) ^ expected)}"
        repeated = sent.total() - len(sent)
        if repeated > self._calls.emails_at_risk and not self.emails_may_repeat:
            allowed = self._calls.emails_at_risk
            yield f"I7 {repeated} emails came again, {allowed} may: {sent.most_common(1)}"

    def _about_fraud(self) -> set[str]:
        """Return the emails that an order rejected as fraud sends only in that order (0060)."""
        return {
            SUBJECTS[fact].format(event["subject"])
            for event in self._ledger.events.values()
            if event["type"] == "OrderCancelled" and event["data"]["reason"] == "fraud_suspected"
            for fact in ("OrderConfirmed", "OrderCancelled", "PaymentRefunded")
        }

    def _nothing_left(self) -> Iterator[str]:
        yield from (f"I11 still open: {what}" for what in self.still_open())
        for queue in self._tables.queues():
            expected = self.poison if queue.endswith("-dlq") else set()
            for message in self._tables.messages(queue):
                if message.body not in expected:
                    reason = message.message_attributes.get("reason", {}).get("StringValue")
                    yield f"I11 a message is left in {queue}, {reason}: {message.body[:300]}"
        found = {
            message.body
            for queue in self._tables.queues()
            if queue.endswith("-dlq")
            for message in self._tables.messages(queue)
        }
        if lost := self.poison - found:
            yield f"I11 a poison message disappeared: {min(lost)}"
        limits = {f"{PREFIX}{service.name}": service.queue.max_receive_count for service in SERVICES}
        for delivery in self._cloud.deliveries:
            if delivery.receive_count > limits.get(delivery.function, delivery.receive_count):
                yield f"I11 received {delivery.receive_count} times: {delivery}"

    def _kept_private(self) -> Iterator[str]:
        for function, lines in self._cloud.services.runtime.logs.items():
            for line in lines:
                if any(canary in line.text for canary in CANARIES):
                    yield f"I13 {function} logged personal data: {line.text[:300]}"
        for queue in self._tables.queues():
            for message in self._tables.messages(queue):
                if any(canary in json.dumps(message.message_attributes) for canary in CANARIES):
                    yield f"I13 the attributes of a dead-lettered message have personal data: {queue}"

    def read_model(self) -> list[str]:
        """Return the rows of the read model."""
        rows = [(table, row) for table in READ_MODEL for row in self._tables.rows(table)]
        return sorted(f"{table} {json.dumps(row, sort_keys=True)}" for table, row in rows)


def _every_email(orders: set[str]) -> set[str]:
    """Return the emails about orders that may have been sent or not: erased ones, and of lost events."""
    return {subject.format(order) for order in orders for subject in SUBJECTS.values()}


def _raise_violations(violations: list[str]) -> None:
    if violations:
        raise BrokenError("; ".join(violations))
