"""The Lambda handler of the way out: publish the facts of the bridge's queue, a request for each topic."""

import base64
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

from functions.bridges.outbound import NotAcknowledgedError, Outgoing, bridge
from functions.pubsub.binding import PUBSUB
from functions.pubsub.publisher import Message, Published, publish
from functions.shared.contracts.codec import Rejected
from functions.shared.runtime.environment import required


def send(outgoing: Sequence[Outgoing]) -> Mapping[str, Exception]:
    """Publish the events; return the error of each that Pub/Sub did not accept, by its message's id."""
    by_topic: defaultdict[str, list[Outgoing]] = defaultdict(list)
    for each in outgoing:
        by_topic[_topic(each.event.attributes["type"])].append(each)
    errors: dict[str, Exception] = {}
    for topic, group in by_topic.items():
        results = publish(topic, [_message(each) for each in group])
        for each, (outcome, reason) in zip(group, results, strict=True):
            if outcome is Published.INVALID:
                errors[each.message_id] = Rejected("refused_by_pubsub", reason)
            elif outcome is Published.LATER:
                errors[each.message_id] = NotAcknowledgedError(reason)
    return errors


def _topic(fact: str) -> str:
    return str(json.loads(required("OTHER_TOPICS")).get(fact, required("TOPIC")))


def _message(outgoing: Outgoing) -> Message:
    event = outgoing.event
    return {
        "data": base64.b64encode(event.data).decode(),
        "attributes": event.headers(PUBSUB),
        "orderingKey": event.key,
    }


handle = bridge("pubsub", send)
