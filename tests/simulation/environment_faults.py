"""Faults between calls: duplicate, late, replayed and redriven messages, expired records, and outages."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from moto.sqs.models import Queue

from infrastructure.topology import SERVICES
from pocketcloud import OfflineCloud
from pocketcloud.sqs.receipt_handle import new_handle
from tests.simulation.calls import Calls
from tests.simulation.choices import Choices
from tests.simulation.invariants import Invariants
from tests.simulation.tables import PREFIX, Tables
from tests.simulation.trace import Trace

BUS = f"{PREFIX}order-bus"
ARCHIVE = f"{PREFIX}order-archive"
CONSUMERS = tuple(service.name for service in SERVICES)
CONTACT = {"order_id", "email", "expires_at", "orders", "muted"}
"""Attributes of a contacts row other than the records of emails."""
POISON = (
    '{"not": "an event"}',
    "no JSON at all",
    '{"detail-type": "OrderCreated", "source": "orders", "detail": {}}',
)


class EnvironmentFaults:
    """Inject faults, one method each; a method without a target does nothing."""

    def __init__(
        self, cloud: OfflineCloud, choices: Choices, calls: Calls, invariants: Invariants, trace: Trace
    ) -> None:
        self._cloud = cloud
        self._choices = choices
        self._calls = calls
        self._invariants = invariants
        self._trace = trace
        self._tables = Tables(cloud)
        self._replays = 0
        self.faults: dict[str, Callable[[], None]] = {
            "duplicate": self._duplicate,
            "delay": self._delay,
            "replay": self._replay,
            "redrive": self.redrive,
            "forget": self._forget,
            "cold start": self._cold_start,
            "outage": self._outage,
            "gateway down": self._gateway_down,
            "newer schema": self._newer_schema,
            "poison": self._poison,
        }

    def heal(self) -> None:
        """End all outages."""
        self._cloud.outages.clear()
        self._calls.gateway_down_until = None

    def redrive(self) -> None:
        """Send the dead-lettered messages back to their queues as new messages, as an operator would."""
        sqs = self._cloud.client("sqs")
        for name in CONSUMERS:
            source, target = f"{PREFIX}{name}-dlq", f"{PREFIX}{name}"
            for message in self._tables.messages(source):
                self._trace.write("operator", name, "a dead-lettered message", "redrive")
                sqs.send_message(QueueUrl=_url(self._cloud, target), MessageBody=message.body)
                handle = message.receipt_handle or new_handle(message.id)
                self._cloud.services.queues.delete(_queue(self._cloud, source), handle)

    def replay_to_everyone(self) -> None:
        """Replay the whole archive to each consumer."""
        for name in CONSUMERS:
            self._replay_to(name)

    def _duplicate(self) -> None:
        name, bodies = self._some_queue()
        if bodies:
            self._trace.write("sns", name, "the same event, another message", "duplicate")
            body = self._choices.one_of(bodies)
            self._cloud.services.queues.send(_queue(self._cloud, PREFIX + name), body, source="sns")

    def _delay(self) -> None:
        """Delay some of the messages that are about to be received, in every queue."""
        queues, now = self._cloud.services.queues, self._cloud.services.queues.now()
        for name in CONSUMERS:
            store = queues.store(_queue(self._cloud, PREFIX + name).queue_arn)
            for stored in [each for each in store.all() if each.available_at <= now + 1000]:
                if self._choices.chance(0.3):
                    seconds = self._choices.one_of((0.2, 2, 30, 300))
                    self._trace.write("sqs", name, f"a message comes {seconds} s later", "delay")
                    store.hide(stored.message.id, now + seconds * 1000)

    def _replay(self) -> None:
        self._replay_to(self._choices.one_of(CONSUMERS))

    def _replay_to(self, name: str) -> None:
        self._replays += 1
        self._trace.write("operator", name, "replay of the archive", "replay")
        bus = self._cloud.engine.events.event_buses[BUS]
        archive = self._cloud.engine.events.archives[ARCHIVE]
        rule = next(rule for rule in bus.rules.values() if rule.name == f"{PREFIX}{name}-replay")
        self._cloud.client("events").start_replay(
            ReplayName=f"{PREFIX}{name}-{self._replays}",
            EventSourceArn=archive.arn,
            EventStartTime=datetime(2026, 1, 1, tzinfo=UTC),
            EventEndTime=self._cloud.clock.now() + timedelta(minutes=1),
            Destination={"Arn": bus.arn, "FilterArns": [rule.arn]},
        )

    def _forget(self) -> None:
        self._trace.write("dynamodb", "contacts", "records of emails expire", "forget")
        for row in self._cloud.engine.dynamodb.tables[f"{PREFIX}contacts"].all_items():
            attributes = row.attrs
            for name in attributes.keys() - CONTACT:
                del attributes[name]
            row.attrs = attributes
        self._invariants.emails_may_repeat = True

    def _cold_start(self) -> None:
        name = self._choices.one_of(CONSUMERS)
        self._trace.write("lambda", name, "its sandboxes are gone", "cold start")
        self._cloud.services.runtime.sandboxes.drop(PREFIX + name)

    def _outage(self) -> None:
        name = self._choices.one_of(CONSUMERS)
        out, minutes = f"queue/{PREFIX}{name}", self._choices.one_of((1, 5, 20))
        self._trace.write("sqs", name, f"out for {minutes} min", "outage")
        self._cloud.outages.add(out)
        back = timedelta(minutes=minutes)
        self._cloud.scheduler.after(back, lambda: self._cloud.outages.discard(out), label=out)

    def _gateway_down(self) -> None:
        minutes = self._choices.one_of((1, 5, 20))
        self._trace.write("gateway", "gateway", f"down for {minutes} min", "gateway down")
        self._calls.gateway_down_until = self._cloud.clock.now() + timedelta(minutes=minutes)

    def _newer_schema(self) -> None:
        if not self._calls.newer_schema:
            self._trace.write("operator", "relay", "facts have one more field from now on", "newer schema")
            self._calls.newer_schema = True

    def _poison(self) -> None:
        name, body = self._choices.one_of(CONSUMERS), self._choices.one_of(POISON)
        self._trace.write("client", name, "poison", "poison")
        self._invariants.poison.add(body)
        self._cloud.services.queues.send(_queue(self._cloud, PREFIX + name), body, source="client")

    def _some_queue(self) -> tuple[str, list[str]]:
        """Return a consumer with messages in its queue, and their bodies."""
        found = {name: self._tables.messages(PREFIX + name) for name in CONSUMERS}
        busy = [name for name in CONSUMERS if found[name]]
        name = self._choices.one_of(busy or CONSUMERS)
        return name, [message.body for message in found[name]]


def _queue(cloud: OfflineCloud, name: str) -> Queue:
    return cloud.engine.sqs.queues[name]


def _url(cloud: OfflineCloud, name: str) -> str:
    url: str = cloud.client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
    return url
