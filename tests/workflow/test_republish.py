"""`orderbus republish`: what the log's stream did not tell is published from the log, by the relay."""

from pathlib import Path
from typing import Any

import pytest

from cli.core.exit_codes import ExitCode
from cli.core.relay_client import RelayClient
from pocketcloud import AwsCall
from tests.workflow.command_line import orderbus
from tests.workflow.judge import complaints
from tests.workflow.replays import done, every_kind_of_ending, log_of, planned
from tests.workflow.shop import Shop, an_order
from tests.workflow.troubles import Proceed, trouble

DAY = ("--since", "1d", "--until", "0s")


@pytest.fixture(autouse=True)
def _passing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits lets the cloud's time pass."""
    monkeypatch.setattr("cli.replay.commands.sleep", lambda seconds: shop.cloud.advance(seconds=seconds))


def nowhere(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
    """What the relay puts on the bus is taken and lost."""
    if call.operation == "PutEvents":
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "lost"} for _ in call.parameters["Entries"]]}
    return proceed()


def lost_orders(shop: Shop, *, count: int = 3) -> list[str]:
    """Orders that nobody has heard of but their own service."""
    with trouble(shop.cloud, nowhere):
        orders = [
            shop.place(an_order(lines=[{"sku": "CUP", "quantity": 1}]), key=f"k{n}") for n in range(count)
        ]
        shop.cloud.settle()
    assert [shop.facts(order) for order in orders] == [["OrderCreated"]] * count
    return orders


def test_orders_that_nobody_heard_of_come_to_their_end(shop: Shop) -> None:
    orders = lost_orders(shop)
    shop.cloud.advance(minutes=1)
    assert planned("republish", *DAY)["facts"] == {"OrderCreated": 3}
    assert [shop.facts(order) for order in orders] == [["OrderCreated"]] * 3
    assert done("republish", *DAY)["sent"] == 3
    shop.cloud.settle()
    assert {row["status"] for row in shop.rows("orders")} == {"shipped"}
    assert complaints(shop) == []


def test_one_order_alone_is_published(shop: Shop) -> None:
    first, second, _ = lost_orders(shop)
    assert done("republish", "--order", second)["sent"] == 1
    shop.cloud.settle()
    assert shop.facts(first) == ["OrderCreated"]
    assert shop.facts(second)[-1] == "ShipmentScheduled"


def test_what_was_published_before_changes_nothing(shop: Shop) -> None:
    every_kind_of_ending(shop)
    facts, letters = log_of(shop), shop.letters()
    assert done("republish", *DAY)["sent"] == len(facts)
    shop.cloud.settle()
    assert (log_of(shop), shop.letters()) == (facts, letters)
    assert complaints(shop) == []


def test_a_relay_that_fails_stops_it_and_the_same_line_goes_on(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two rows at a time; EventBridge takes the first two, and then nothing."""
    monkeypatch.setattr("cli.replay.event_log.ROWS_PER_REQUEST", 2)
    lost_orders(shop, count=3)
    line = ("republish", *DAY, "--progress", tmp_path / "progress.json")
    with trouble(shop.cloud, Throttled(after=1)):
        code, out, err = orderbus(*line, "--yes")
    assert (code, out) == (ExitCode.INCOMPLETE, "")
    assert "2 of 3 facts were sent, then: The relay did not publish the facts." in err
    rest = done(*line)
    assert rest["sent_before"] == 2
    shop.cloud.settle()
    assert {row["status"] for row in shop.rows("orders")} == {"shipped"}


class Throttled:
    """EventBridge takes so many requests, and then no entry."""

    def __init__(self, *, after: int) -> None:
        self.left = after

    def __call__(self, call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.operation != "PutEvents":
            return proceed()
        self.left -= 1
        if self.left >= 0:
            return proceed()
        entries = [{"ErrorCode": "ThrottlingException"} for _ in call.parameters["Entries"]]
        return {"FailedEntryCount": len(entries), "Entries": entries}


def test_a_function_error_is_no_success(shop: Shop) -> None:
    lost_orders(shop, count=1)

    def broken(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.operation == "PutEvents":
            raise OSError("no connection")
        return proceed()

    with trouble(shop.cloud, broken):
        code, _, err = orderbus("republish", *DAY, "--yes")
    assert code == ExitCode.INCOMPLETE
    assert "0 of 1 facts were sent" in err


def test_forty_facts_at_most_are_handed_to_the_relay_at_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    original = RelayClient.publish

    def publish(self: RelayClient, rows: list[dict[str, Any]]) -> None:
        asked.append(len(rows))
        original(self, rows)

    monkeypatch.setattr(RelayClient, "publish", publish)
    shop.open({"TEAPOT": 5, "CUP": 100})
    lost_orders(shop, count=45)
    done("republish", *DAY)
    assert asked == [40, 5]


@pytest.mark.parametrize(("days", "is_named"), [(89, False), (91, True)])
def test_republish_names_what_consumers_reject_for_its_age(shop: Shop, days: int, *, is_named: bool) -> None:
    shop.place(an_order())
    shop.cloud.settle()
    shop.cloud.skip(days=days)
    code, out, _ = orderbus("republish", "--since", "100d", "--until", "1d")
    assert code == ExitCode.OK
    assert ("older than 90 days (time_in_past)" in " ".join(out.split())) is is_named


@pytest.mark.parametrize("line", ["", "--since 2d", "--until 1d"])
def test_what_is_published_again_is_bounded(shop: Shop, line: str) -> None:
    code, out, err = orderbus("republish", *line.split(), "--yes")
    assert (code, out) == (ExitCode.USAGE, "")
    assert "This would republish the entire event log." in err
    assert shop.rows("event-log") == []
