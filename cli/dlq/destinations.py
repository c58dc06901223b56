"""The destination of each dead-lettered message: the one place where it failed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from time import sleep
from typing import TYPE_CHECKING, Any

from msgspec import Raw, Struct, field, json

from cli.core.account import Account
from cli.core.event_log_reader import FactLog
from cli.core.relay_client import NotPublishedError, RelayClient
from cli.dlq.discarded_batch import ArrivalWindow
from cli.dlq.event_label import UNREADABLE, bus_event_in
from cli.dlq.message import REDRIVEN, DeadLetteredMessage, Format
from cli.dlq.queues import ComponentKind
from cli.dlq.republication import Republication, UntimedError
from infrastructure.topology import FACTS, TOPOLOGY, is_external

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

PERMANENT_REASONS = frozenset({"event_too_large", "row_malformed"})
"""The relay would fail at the row again, as rows of the event log never change."""

Send = Callable[[DeadLetteredMessage, str], None]
"""Send a message with the tag of this redrive; raise an error unless it has been accepted."""


class NotRedrivableError(Exception):
    """The message has no destination and stays; the text is the reason."""


class NotAcceptedError(Exception):
    """The destination did not accept the message this time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """The destination of a message, with the request that sends it there."""

    to: str
    send: Send
    accepts_edited: bool = False
    """Whether the message's own text goes there, and to one consumer only."""


class _BusEvent(Struct, frozen=True):
    source: str
    detail: Raw
    type: str = field(name="detail-type")


class RedriveRouter:
    """The destinations of one stage."""

    def __init__(self, account: Account, pause: Callable[[], None] = lambda: None) -> None:
        """`pause` is called between two facts of a message that stands for several."""
        self._account = account
        self._pause = pause
        self._queue_urls: dict[str, str] = {}

    def destination(self, message: DeadLetteredMessage) -> Destination:
        """Return the message's destination; raise `NotRedrivableError` if there is none."""
        match message.queue.kind:
            case ComponentKind.CONSUMER:
                return self._consumer_queue(message)
            case ComponentKind.FANOUT:
                return self._topic(message)
            case ComponentKind.RELAY:
                return self._relay(message)
            case ComponentKind.FORWARD:
                return self._event_bus(message)
            case ComponentKind.INGRESS:
                return self._ingress_bus(message)
            case ComponentKind.STREAM:
                named = f"records of {message.discarded.places}" if message.discarded else "records"
                raise NotRedrivableError(f"it only names {named}; {_instead(message)}, then purge this")
            case ComponentKind.LEVELS:
                raise NotRedrivableError(
                    "a table's stream delivers a change only once; check the table, then purge this"
                )

    def _consumer_queue(self, message: DeadLetteredMessage) -> Destination:
        if message.format in {Format.UNKNOWN, Format.STREAM}:
            raise NotRedrivableError("its format is unknown")
        name = self._account.names.queue(message.queue.component)
        if message.format is Format.RULE:
            _require_target(message, message.queue.sibling_arn("sqs", name), "queue")
        return Destination(to=f"queue {name}", send=self._send_message, accepts_edited=True)

    def _send_message(self, message: DeadLetteredMessage, tag: str) -> None:
        name = self._account.names.queue(message.queue.component)
        sqs = self._account.client("sqs")
        if name not in self._queue_urls:
            self._queue_urls[name] = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        sqs.send_message(
            QueueUrl=self._queue_urls[name],
            MessageBody=message.body,
            MessageAttributes={REDRIVEN: {"DataType": "String", "StringValue": tag}},
        )

    def _topic(self, message: DeadLetteredMessage) -> Destination:
        own_facts = {fact.name for fact in FACTS if not is_external(fact)}
        if message.format is not Format.RULE or message.label.type not in own_facts:
            raise NotRedrivableError("its format is unknown")
        topic = self._account.names.topic(message.label.type)
        arn = message.queue.sibling_arn("sns", topic)
        _require_target(message, arn, "topic")

        def publish(message: DeadLetteredMessage, tag: str) -> None:
            self._account.client("sns").publish(
                TopicArn=arn,
                Message=message.body,
                MessageAttributes={REDRIVEN: {"DataType": "String", "StringValue": tag}},
            )

        return Destination(to=f"topic {topic}", send=publish)

    def _relay(self, message: DeadLetteredMessage) -> Destination:
        if message.discarded and message.discarded.table:
            return self._relay_of_batch(message.discarded.table)
        if message.format is not Format.CONSUMER or message.reason in PERMANENT_REASONS:
            raise NotRedrivableError("the relay would fail at it again")
        republication = self._republication
        row = republication.row_of(message.label)
        if row is None:
            raise NotRedrivableError("the event log has no such fact")
        return Destination(
            to=f"relay {self._account.names.relay}",
            send=_publish(lambda: republication.relay.publish([row])),
        )

    def _relay_of_batch(self, window: ArrivalWindow) -> Destination:
        republication = self._republication
        try:
            places = republication.places_of(window)
        except UntimedError as error:
            raise NotRedrivableError("it has no valid arrival time of its records") from error
        if not places:
            raise NotRedrivableError("the event log has no fact of that time")
        return Destination(
            to=f"relay {self._account.names.relay}, {len(places)} facts",
            send=_publish(lambda: republication.publish_places(places)),
        )

    def _event_bus(self, message: DeadLetteredMessage) -> Destination:
        if message.format is not Format.RULE:
            raise NotRedrivableError("its format is unknown")
        target = self._forward_target(message.queue.component)
        _require_target(message, target, "target")
        is_bus = ":event-bus/" in target
        bus = target if is_bus else self._account.names.redrive_bus(message.queue.component)
        return Destination(to=f"bus {bus}", send=lambda message, _: self._put_event(bus, message))

    def _ingress_bus(self, message: DeadLetteredMessage) -> Destination:
        """The ingress bus takes what another broker sent, once the stage or its contracts have changed."""
        if message.discarded:
            raise NotRedrivableError(
                f"it only names records of the topic, {message.discarded.places}; send these again as in"
                " docs/neighbours/kafka.md#records-that-lambda-discarded, then purge this"
            )
        if UNREADABLE in {message.label.source, message.label.type}:
            raise NotRedrivableError("it holds no event; its producer must send it again")
        return Destination(
            to=f"bus {self._account.names.ingress_bus}", send=lambda message, _: self._put_on_ingress(message)
        )

    def _put_on_ingress(self, message: DeadLetteredMessage) -> None:
        entry: PutEventsRequestEntryTypeDef = {
            "EventBusName": self._account.names.ingress_bus,
            "Source": message.label.source,
            "DetailType": message.label.type,
            "Detail": message.body,
        }
        self._put(entry)

    def _forward_target(self, component: str) -> str:
        names = self._account.names
        rule = names.forward_rule(component.removeprefix("forward-"))
        events = self._account.client("events")
        targets = events.list_targets_by_rule(Rule=rule, EventBusName=names.event_bus)["Targets"]
        return targets[0]["Arn"]

    def _put_event(self, bus: str, message: DeadLetteredMessage) -> None:
        event = json.decode(bus_event_in(message.body), type=_BusEvent)
        entry: PutEventsRequestEntryTypeDef = {
            "EventBusName": bus,
            "Source": event.source,
            "DetailType": event.type,
            "Detail": bytes(event.detail).decode(),
        }
        self._put(entry)

    def _put(self, entry: "PutEventsRequestEntryTypeDef") -> None:
        result: Mapping[str, Any] = self._account.client("events").put_events(Entries=[entry])["Entries"][0]
        if "ErrorCode" in result:
            raise NotAcceptedError(f"The event bus did not accept it: {result['ErrorCode']}.")

    @cached_property
    def _republication(self) -> Republication:
        dynamodb, names = self._account.client("dynamodb"), self._account.names
        return Republication(
            dynamodb=dynamodb,
            names=names,
            relay=RelayClient(lambda_=self._account.client("lambda"), names=names),
            log=FactLog(dynamodb=dynamodb, names=names, sleep=sleep),
            pause=self._pause,
        )


def _instead(message: DeadLetteredMessage) -> str:
    """Return what to do about discarded records of the ordered stream."""
    bridge = message.queue.component.removesuffix("-ordered")
    window = message.discarded.stream if message.discarded else None
    if window is None or bridge not in {service.name for service in TOPOLOGY.bridges}:
        return "see docs/stream.md#after-an-outage"
    try:
        since, until = window.with_margins()
    except (ValueError, OverflowError):
        return "see docs/stream.md#after-an-outage"
    return f"run orderbus replay {bridge} --since {since:%FT%RZ} --until {until:%FT%RZ} --yes"


def _require_target(message: DeadLetteredMessage, arn: str, kind: str) -> None:
    target = message.attributes["TARGET_ARN"]
    if target != arn:
        raise NotRedrivableError(f"its target {target} is another {kind} than the component's {arn}")


def _publish(publish: Callable[[], None]) -> Send:
    def send(_message: DeadLetteredMessage, _tag: str) -> None:
        try:
            publish()
        except NotPublishedError as error:
            raise NotAcceptedError(str(error)) from error

    return send
