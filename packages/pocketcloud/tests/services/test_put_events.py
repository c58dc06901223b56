from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World, entry

from pocketcloud import Kind

REFUSED = [
    ({"Source": "aws.orders"}, "NotAuthorizedForSourceException"),
    ({"Detail": "[]"}, "MalformedDetail"),
    ({"Detail": '"text"'}, "MalformedDetail"),
    ({"Detail": "{"}, "MalformedDetail"),
    ({"Detail": '{"a": NaN}'}, "MalformedDetail"),
    ({"DetailType": "x" * 129}, "InvalidArgument"),
    ({"Source": ""}, "InvalidArgument"),
    ({"DetailType": ""}, "InvalidArgument"),
    ({"Detail": ""}, "InvalidArgument"),
]


@pytest.mark.parametrize(("wrong", "code"), REFUSED)
def test_a_wrong_entry_fails_alone_with_its_code(world: World, wrong: dict[str, Any], code: str) -> None:
    answer = world.cloud.put_events([entry(), {**entry(), **wrong}])
    assert answer["FailedEntryCount"] == 1
    assert "EventId" in answer["Entries"][0]
    assert answer["Entries"][1]["ErrorCode"] == code
    assert len(world.hops(Kind.ACCEPTED)) == 1
    (refused,) = world.hops(Kind.REFUSED)
    assert refused.reason is not None
    assert refused.reason.startswith(code)


def test_eleven_entries_are_refused_together(world: World) -> None:
    with pytest.raises(ClientError, match="less than or equal to 10"):
        world.cloud.put_events([entry()] * 11)
    assert world.cloud.journal.hops == []


def test_the_entries_of_a_request_stay_below_one_mebibyte(world: World) -> None:
    rest = len("orders") + len("OrderCreated") + len('{"a":""}')
    filler = "x" * (1024 * 1024 - 1 - rest)
    assert world.cloud.put_events([{**entry(), "Detail": f'{{"a":"{filler}"}}'}])["FailedEntryCount"] == 0
    with pytest.raises(ClientError, match="over the limit"):
        world.cloud.put_events([{**entry(), "Detail": f'{{"a":"{filler}x"}}'}])


def test_a_bus_that_does_not_exist_is_an_error_and_nothing_is_accepted(world: World) -> None:
    with pytest.raises(ClientError, match="nowhere does not exist"):
        world.cloud.put_events([entry(), entry(bus="nowhere")])
    assert world.cloud.journal.hops == []


def test_an_event_that_no_rule_matches_is_undelivered_with_the_reason(world: World) -> None:
    world.cloud.put_events([entry(subject="o7")])
    (lost,) = world.cloud.undelivered
    assert (lost.where, lost.reason) == ("bus/default", "no rule with a target matched it")
    assert lost.event is not None
    assert lost.event.subject == "o7"
