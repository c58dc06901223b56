"""`orderbus republish`: the relay publishes facts that the log's stream lost."""

from pathlib import Path
from typing import Any

import pytest

from cli.core.exit_codes import ExitCode
from cli.core.relay_client import RelayClient
from pocketcloud import AwsCall
from tests.workflow.call_faults import Proceed, call_fault
from tests.workflow.command_line import orderbus
from tests.workflow.invariants import violations
from tests.workflow.replays import done, log_of, one_order_per_outcome, planned
from tests.workflow.shop import Shop, an_order

DAY = ("--since", "1d", "--until", "0s")


@pytest.fixture(autouse=True)
def _passing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Advance the cloud's time instead of sleeping."""
    monkeypatch.setattr("cli.replay.commands.sleep", lambda seconds: shop.cloud.advance(seconds=seconds))


def lose_events(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
    """Accept what the relay puts on the bus, and drop it."""
    if call.operation == "PutEvents":
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "lost"} for _ in call.parameters["Entries"]]}
    return proceed()


def lost_orders(shop: Shop, *, count: int = 3) -> list[str]:
    """Place orders whose facts reach no consumer."""
    with call_fault(shop.cloud, lose_events):
        orders = [
            shop.place(an_order(lines=[{"sku": "CUP", "quantity": 1}]), key=f"k{n}", customer=f"c{n}")
            for n in range(count)
        ]
        shop.cloud.settle()
    assert [shop.facts(order) for order in orders] == [["OrderCreated"]] * count
    return orders


def test_republish_completes_orders_with_lost_facts(shop: Shop) -> None:
    orders = lost_orders(shop)
    shop.cloud.advance(minutes=1)
    assert planned("republish", *DAY)["facts"] == {"OrderCreated": 3}
    assert [shop.facts(order) for order in orders] == [["OrderCreated"]] * 3
    assert done("republish", *DAY)["sent"] == 3
    shop.cloud.settle()
    assert {row["status"] for row in shop.orders()} == {"shipped"}
    assert violations(shop) == []


def test_republish_publishes_one_order_only(shop: Shop) -> None:
    first, second, _ = lost_orders(shop)
    assert done("republish", "--order", second)["sent"] == 1
    shop.cloud.settle()
    assert shop.facts(first) == ["OrderCreated"]
    assert shop.facts(second)[-1] == "ShipmentScheduled"


def test_republish_of_published_facts_changes_nothing(shop: Shop) -> None:
    one_order_per_outcome(shop)
    facts, emails = log_of(shop), shop.email_subjects()
    assert done("republish", *DAY)["sent"] == len(facts)
    shop.cloud.settle()
    assert (log_of(shop), shop.email_subjects()) == (facts, emails)
    assert violations(shop) == []


def test_republish_resumes_when_the_relay_failed(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Send two rows at a time; EventBridge accepts the first two only."""
    monkeypatch.setattr("cli.replay.event_log.ROWS_PER_REQUEST", 2)
    lost_orders(shop, count=3)
    line = ("republish", *DAY, "--progress", tmp_path / "progress.json")
    with call_fault(shop.cloud, Throttled(after=1)):
        code, out, err = orderbus(*line, "--yes")
    assert (code, out) == (ExitCode.INCOMPLETE, "")
    assert "2 of 3 facts were sent, then: The relay did not publish the facts." in err
    rest = done(*line)
    assert rest["sent_before"] == 2
    shop.cloud.settle()
    assert {row["status"] for row in shop.orders()} == {"shipped"}


class Throttled:
    """EventBridge that accepts a number of requests and then throttles."""

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


def test_republish_fails_when_the_function_raises_an_error(shop: Shop) -> None:
    lost_orders(shop, count=1)

    def broken(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.operation == "PutEvents":
            raise OSError("no connection")
        return proceed()

    with call_fault(shop.cloud, broken):
        code, _, err = orderbus("republish", *DAY, "--yes")
    assert code == ExitCode.INCOMPLETE
    assert "0 of 1 facts were sent" in err


def test_republish_sends_at_most_forty_facts_per_request(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    batch_sizes: list[int] = []
    original = RelayClient.publish

    def publish(self: RelayClient, rows: list[dict[str, Any]]) -> None:
        batch_sizes.append(len(rows))
        original(self, rows)

    monkeypatch.setattr(RelayClient, "publish", publish)
    shop.open({"TEAPOT": 5, "CUP": 100})
    lost_orders(shop, count=45)
    done("republish", *DAY)
    assert batch_sizes == [40, 5]


@pytest.mark.parametrize(("days", "has_warning"), [(89, False), (91, True)])
def test_republish_warns_of_facts_too_old_for_consumers(shop: Shop, days: int, *, has_warning: bool) -> None:
    shop.place(an_order())
    shop.cloud.settle()
    shop.cloud.skip(days=days)
    code, out, _ = orderbus("republish", "--since", "100d", "--until", "1d")
    assert code == ExitCode.OK
    assert ("older than 90 days (time_in_past)" in " ".join(out.split())) is has_warning


@pytest.mark.parametrize("line", ["", "--since 2d", "--until 1d"])
def test_republish_needs_a_window_or_an_order(shop: Shop, line: str) -> None:
    code, out, err = orderbus("republish", *line.split(), "--yes")
    assert (code, out) == (ExitCode.USAGE, "")
    assert "This would republish the entire event log." in err
    assert shop.rows("event-log") == []
