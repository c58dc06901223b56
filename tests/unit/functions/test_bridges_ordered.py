"""A bridge that reads the ordered stream: when sends fail midway, nothing is lost and keys stay in order."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from functions.bridges.ordered import ordered_bridge
from functions.bridges.outbound import NotAcknowledgedError, Outgoing
from tests.unit.functions.builders import Context

KEYS = ("order-a", "order-b", "order-c")
ATTEMPTS = 60


class FaultyBroker:
    """Logs what it takes; each attempt on a record takes the next decision, and in the end it takes all."""

    def __init__(self, decisions: Sequence[str]) -> None:
        self.log: list[str] = []
        self._decisions = list(decisions)

    def send(self, events: Sequence[Outgoing]) -> Mapping[str, Exception]:
        """Refuse, log and lose the acknowledgement, or log."""
        errors: dict[str, Exception] = {}
        for each in events:
            decision = self._decisions.pop(0) if self._decisions else "take"
            if decision == "raise":
                raise NotAcknowledgedError("in the middle of a batch")
            if decision != "refuse":
                self.log.append(each.event.id)
            if decision != "take":
                errors[each.message_id] = NotAcknowledgedError("no delivery report")
        return errors


def records_of(keys: Sequence[str]) -> list[dict[str, Any]]:
    """Return a shard's records, whose ids are their places."""
    found = []
    for place, key in enumerate(keys):
        attributes = {"specversion": "1.0", "id": str(place), "type": "OrderCreated", "subject": key}
        document = {**attributes, "data": {}}
        data = base64.b64encode(json.dumps(document).encode()).decode()
        kinesis = {"sequenceNumber": str(place), "data": data}
        found.append({"eventSource": "aws:kinesis", "eventID": str(place), "kinesis": kinesis})
    return found


def carried(keys: Sequence[str], decisions: Sequence[str]) -> list[str]:
    """Let Lambda read the shard as it does: from the first record that was reported, until none is left."""
    broker, pending = FaultyBroker(decisions), records_of(keys)
    handle = ordered_bridge("kafka-ordered", broker.send)
    for _ in range(ATTEMPTS):
        failed = handle({"Records": pending}, Context())["batchItemFailures"]
        if not failed:
            return broker.log
        (first,) = (str(each["itemIdentifier"]) for each in failed)
        pending = [each for each in pending if int(each["eventID"]) >= int(first)]
    raise AssertionError("the shard does not move")


@given(
    keys=st.lists(st.sampled_from(KEYS), min_size=1, max_size=12),
    decisions=st.lists(st.sampled_from(("take", "refuse", "lose", "raise")), max_size=30),
)
def test_each_key_stays_in_order_when_sends_fail_midway(keys: list[str], decisions: list[str]) -> None:
    log = carried(keys, decisions)
    first_seen = list(dict.fromkeys(log))
    assert sorted(first_seen, key=int) == [str(place) for place in range(len(keys))]
    for key in KEYS:
        places = [int(each) for each in first_seen if keys[int(each)] == key]
        assert places == sorted(places)


def test_one_failure_repeats_no_record_before_it() -> None:
    keys = ["order-a", "order-b", "order-a", "order-b"]
    assert sorted(carried(keys, ["take", "refuse"])) == ["0", "1", "2", "3"]
    assert sorted(carried(keys, ["take", "lose"])) == ["0", "1", "1", "2", "3"]
