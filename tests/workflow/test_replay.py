"""`orderbus replay`: replayed facts change no decision."""

import json

import pytest

from cli.core.exit_codes import ExitCode
from cli.replay.queue_feed import ConsumerQueue, QueueFeed
from infrastructure.services import Service
from infrastructure.topology import SERVICES
from pocketcloud import OfflineCloud
from tests.workflow.command_line import orderbus
from tests.workflow.invariants import violations
from tests.workflow.replays import DEV, done, messages_for, one_order_per_outcome
from tests.workflow.shop import CONSUMERS, PREFIX, Shop, an_order

TABLES = [DEV.table(service.name, table.name) for service in SERVICES for table in service.tables]
FAST = ("--rate", 3000)
ARCHIVE = ("--from-archive", "--since", "1d")
REPLAYABLE = [name for name in CONSUMERS if name != "notifications"]
UNWANTED = "undelivered at bus/orderbus-dev-order-bus: no rule with a target matched"


@pytest.fixture(autouse=True)
def _passing(deployed: OfflineCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Advance the cloud's time instead of sleeping."""
    monkeypatch.setattr("cli.replay.commands.sleep", lambda seconds: deployed.advance(seconds=seconds))


def all_rows(shop: Shop) -> dict[str, list[dict[str, str]]]:
    """Return all rows of all tables."""
    tables = [DEV.event_log, *TABLES]
    return {table: sorted(shop.rows(table.removeprefix(f"{PREFIX}-")), key=json.dumps) for table in tables}


@pytest.mark.parametrize("source", ["log", "archive"])
def test_replay_of_all_facts_changes_nothing(shop: Shop, source: str) -> None:
    one_order_per_outcome(shop)
    before, emails = all_rows(shop), shop.email_subjects()
    charges = shop.charges()
    handled = len(shop.cloud.deliveries)
    for name in REPLAYABLE:
        if source == "log":
            assert done("replay", "--into", name, *FAST)["sent"] > 0
        else:
            assert done("replay", name, *ARCHIVE)["state"] == "COMPLETED"
        shop.cloud.settle()
    assert len(shop.cloud.deliveries) > handled + len(REPLAYABLE)
    assert all_rows(shop) == before
    assert shop.email_subjects() == emails
    assert shop.charges() == charges
    # A replay from the archive sends the rule more facts than its consumer reacts to.
    assert {each for each in violations(shop) if not each.endswith(UNWANTED)} == set()


def test_replay_is_rejected_for_notifications(shop: Shop) -> None:
    one_order_per_outcome(shop)
    for arguments in (("--into", "notifications"), ("notifications", *ARCHIVE)):
        code, out, err = orderbus("replay", *arguments, "--yes")
        assert (code, out) == (ExitCode.USAGE, "")
        assert "notifications ignores replayed facts" in err
    assert messages_for(shop, "notifications") == []


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_consumer_handles_replayed_facts_as_the_topology_states(shop: Shop, service: Service) -> None:
    """A consumer of replays reports a fact as handled or duplicate; any other ignores it."""
    shop.place(an_order())
    shop.cloud.settle()
    sqs = shop.cloud.client("sqs")
    queue = ConsumerQueue.named(sqs, DEV.queue(service.name))
    feed = QueueFeed(sqs=sqs, queue=queue, replay=f"{service.name}-again", by="test", sleep=never)
    rows = shop.cloud.client("dynamodb").scan(TableName=DEV.event_log)["Items"]
    consumed = [row for row in rows if json.loads(row["event"]["S"])["type"] in service.reacts_to]
    lines_before = len(shop.cloud.logs(DEV.function(service.name)))
    feed.send(consumed)
    shop.cloud.settle()
    outcomes = {"handled", "duplicate"} if service.queue.accepts_replays else {"ignored"}
    lines = [json.loads(line) for line in shop.cloud.logs(DEV.function(service.name))[lines_before:]]
    assert consumed
    assert sum(line.get("message") in outcomes for line in lines) == len(consumed)


def never(seconds: float) -> None:
    raise AssertionError(f"unexpected pause of {seconds} s")
