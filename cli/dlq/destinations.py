"""Where each dead letter goes back to: the one place that did not take it, and no other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from time import sleep
from typing import TYPE_CHECKING, Any

from msgspec import Raw, Struct, field, json

from cli.core.account import Account
from cli.core.event_log_reader import FactLog
from cli.core.relay_client import NotPublishedError, Publication
from cli.dlq.dead_letter import REDRIVEN, DeadLetter, Format
from cli.dlq.event_label import bus_event_in
from cli.dlq.queues import Kind
from cli.dlq.republication import Republication, UntimedError
from infrastructure.topology import FACTS, is_external

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

HOPELESS = frozenset({"event_too_large", "row_malformed"})
"""What the relay would only set aside again, as the log's rows never change."""


class NoWayBackError(Exception):
    """It can go back nowhere, and stays; the words say why."""


class NotTakenError(Exception):
    """Where it was to go did not take it this time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where a letter goes, and how: `send` raises unless it has been taken there."""

    to: str
    send: Callable[[DeadLetter, str], None]
    takes_edited: bool = False
    """Whether it is the letter's own text that goes there, and to one consumer alone."""


class _BusEvent(Struct, frozen=True):
    source: str
    detail: Raw
    type: str = field(name="detail-type")


class WaysBack:
    """The ways back in one stage."""

    def __init__(self, account: Account, pause: Callable[[], None] = lambda: None) -> None:
        """`pause` is what lies between two facts of a letter that stands for several."""
        self._account = account
        self._pause = pause
        self._queues: dict[str, str] = {}

    def of(self, letter: DeadLetter) -> Way:
        """The letter's way back; raises `NoWayBackError` where there is none."""
        find = {
            Kind.CONSUMER: self._to_consumer,
            Kind.FANOUT: self._to_topic,
            Kind.RELAY: self._to_relay,
            Kind.FORWARD: self._to_bus,
        }.get(letter.box.hop.kind)
        if find is None:
            raise NoWayBackError("a table's change is told once; look at the table, then purge this")
        return find(letter)

    def _to_consumer(self, letter: DeadLetter) -> Way:
        if letter.format in {Format.UNKNOWN, Format.STREAM}:
            raise NoWayBackError("its format is unknown")
        service = letter.box.hop.name
        name = self._account.names.queue(service)
        if letter.format is Format.RULE and letter.attributes["TARGET_ARN"] != letter.box.neighbour(
            "sqs", name
        ):
            raise NoWayBackError("it was meant for another queue than the one it failed in")
        return Way(to=f"queue {name}", send=self._send_message, takes_edited=True)

    def _send_message(self, letter: DeadLetter, tag: str) -> None:
        name = self._account.names.queue(letter.box.hop.name)
        if name not in self._queues:
            self._queues[name] = self._account.client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
        self._account.client("sqs").send_message(
            QueueUrl=self._queues[name],
            MessageBody=letter.body,
            MessageAttributes={REDRIVEN: {"DataType": "String", "StringValue": tag}},
        )

    def _to_topic(self, letter: DeadLetter) -> Way:
        names, known = self._account.names, {fact.name for fact in FACTS if not is_external(fact)}
        if letter.format is not Format.RULE or letter.label.type not in known:
            raise NoWayBackError("its format is unknown")
        topic = names.topic(letter.label.type)
        arn = letter.box.neighbour("sns", topic)
        if letter.attributes["TARGET_ARN"] != arn:
            raise NoWayBackError("it was meant for another topic than its fact's")

        def publish(letter: DeadLetter, tag: str) -> None:
            self._account.client("sns").publish(
                TopicArn=arn,
                Message=letter.body,
                MessageAttributes={REDRIVEN: {"DataType": "String", "StringValue": tag}},
            )

        return Way(to=f"topic {topic}", send=publish)

    def _to_relay(self, letter: DeadLetter) -> Way:
        again, name = self._republication, self._account.names.relay
        if letter.given_up is not None:
            try:
                places = again.places_of(letter.given_up)
            except UntimedError as error:
                raise NoWayBackError("it does not say when its records came") from error
            if not places:
                raise NoWayBackError("the event log has no fact of that time")
            return Way(
                to=f"relay {name}, {len(places)} facts",
                send=_published(lambda: again.publish_places(places)),
            )
        if letter.format is not Format.PARKED or letter.reason in HOPELESS:
            raise NoWayBackError("the relay would set it aside again")
        row = again.row_of(letter.label)
        if row is None:
            raise NoWayBackError("the event log has no such fact")
        return Way(to=f"relay {name}", send=_published(lambda: again.publication.publish([row])))

    def _to_bus(self, letter: DeadLetter) -> Way:
        if letter.format is not Format.RULE:
            raise NoWayBackError("its format is unknown")
        arn = self._forwarded_to(letter.box.hop.name)
        if letter.attributes["TARGET_ARN"] != arn:
            raise NoWayBackError("it was meant for another bus than its rule's")
        return Way(to=f"bus {arn}", send=lambda letter, _: self._put_event(arn, letter))

    def _forwarded_to(self, hop: str) -> str:
        names = self._account.names
        rule = names.forward_rule(hop.removeprefix("forward-"))
        answer = self._account.client("events").list_targets_by_rule(Rule=rule, EventBusName=names.event_bus)
        return answer["Targets"][0]["Arn"]

    def _put_event(self, arn: str, letter: DeadLetter) -> None:
        event = json.decode(bus_event_in(letter.body), type=_BusEvent)
        entry: PutEventsRequestEntryTypeDef = {
            "EventBusName": arn,
            "Source": event.source,
            "DetailType": event.type,
            "Detail": bytes(event.detail).decode(),
        }
        result: Mapping[str, Any] = self._account.client("events").put_events(Entries=[entry])["Entries"][0]
        if "ErrorCode" in result:
            raise NotTakenError(f"The bus did not take it: {result['ErrorCode']}.")

    @cached_property
    def _republication(self) -> Republication:
        dynamodb, names = self._account.client("dynamodb"), self._account.names
        return Republication(
            dynamodb=dynamodb,
            names=names,
            publication=Publication(lambda_=self._account.client("lambda"), names=names),
            log=FactLog(dynamodb=dynamodb, names=names, sleep=sleep),
            pause=self._pause,
        )


def _published(publish: Callable[[], None]) -> Callable[[DeadLetter, str], None]:
    def send(_letter: DeadLetter, _tag: str) -> None:
        try:
            publish()
        except NotPublishedError as error:
            raise NotTakenError(str(error)) from error

    return send
