"""`orderbus replay`: history told again to one consumer, which changes nothing that was decided."""

import json

import pytest

from cli.core.exit_codes import ExitCode
from cli.replay.queue_feed import Queue, QueueFeed
from infrastructure.services import Service
from infrastructure.topology import SERVICES
from pocketcloud import OfflineCloud
from tests.workflow.command_line import orderbus
from tests.workflow.judge import complaints
from tests.workflow.replays import DEV, done, every_kind_of_ending, messages_for
from tests.workflow.shop import CONSUMERS, PREFIX, Shop, an_order

TABLES = [DEV.table(service.name, table.name) for service in SERVICES for table in service.tables]
FAST = ("--rate", 3000)
ARCHIVE = ("--from-archive", "--since", "1d")
HEARING = [name for name in CONSUMERS if name != "notifications"]
UNWANTED = "undelivered at bus/orderbus-dev-order-bus: no rule with a target matched it"


@pytest.fixture(autouse=True)
def _passing(deployed: OfflineCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits lets the cloud's time pass."""
    monkeypatch.setattr("cli.replay.commands.sleep", lambda seconds: deployed.advance(seconds=seconds))


def everything(shop: Shop) -> dict[str, list[dict[str, str]]]:
    """All rows of all tables but the records of which events were handled."""
    tables = [DEV.event_log, *(table for table in TABLES if not table.endswith("idempotency"))]
    return {table: sorted(shop.rows(table.removeprefix(f"{PREFIX}-")), key=json.dumps) for table in tables}


def forget_what_was_handled(shop: Shop) -> None:
    """What becomes of Powertools' records after 15 days, and of customers at fraud after a year."""
    for row in shop.rows("customers"):
        key = {name: {"S": row[name]} for name in ("customer_id", "record")}
        shop.cloud.client("dynamodb").delete_item(TableName=DEV.table("fraud", "customers"), Key=key)
    for service in ("payments", "notifications"):
        for row in shop.rows(f"{service}-idempotency"):
            shop.cloud.client("dynamodb").delete_item(
                TableName=DEV.table(service, "idempotency"), Key={"id": {"S": row["id"]}}
            )


@pytest.mark.parametrize("source", ["log", "archive"])
@pytest.mark.parametrize("forgotten", [False, True], ids=["remembered", "forgotten"])
def test_all_of_history_to_everybody_changes_nothing(shop: Shop, source: str, *, forgotten: bool) -> None:
    every_kind_of_ending(shop)
    if forgotten:
        forget_what_was_handled(shop)
    before, letters = everything(shop), shop.letters()
    charges = shop.charges()
    handled = len(shop.cloud.deliveries)
    for name in HEARING:
        if source == "log":
            assert done("replay", "--into", name, *FAST)["sent"] > 0
        else:
            assert done("replay", name, *ARCHIVE)["state"] == "COMPLETED"
        shop.cloud.settle()
    assert len(shop.cloud.deliveries) > handled + len(HEARING)
    assert everything(shop) == before
    assert shop.letters() == letters
    assert shop.charges() == charges
    # A replay of the archive tells the rule more than its consumer reacts to.
    assert {each for each in complaints(shop) if not each.endswith(UNWANTED)} == set()


def test_notifications_hears_no_replay_and_the_command_says_so(shop: Shop) -> None:
    every_kind_of_ending(shop)
    for arguments in (("--into", "notifications"), ("notifications", *ARCHIVE)):
        code, out, err = orderbus("replay", *arguments, "--yes")
        assert (code, out) == (ExitCode.USAGE, "")
        assert "notifications has no reaction to what is told again" in err
    assert messages_for(shop, "notifications") == []


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_the_map_says_who_hears_replays_and_who_does_not(shop: Shop, service: Service) -> None:
    """Who hears it counts what it was told before as handled, and who does not, as ignored."""
    shop.place(an_order())
    shop.cloud.settle()
    sqs = shop.cloud.client("sqs")
    queue = Queue.named(sqs, DEV.queue(service.name))
    feed = QueueFeed(sqs=sqs, queue=queue, replay=f"{service.name}-again", by="test", sleep=never)
    rows = shop.cloud.client("dynamodb").scan(TableName=DEV.event_log)["Items"]
    heard = [row for row in rows if json.loads(row["event"]["S"])["type"] in service.reacts_to]
    said_before = len(shop.cloud.logs(DEV.function(service.name)))
    feed.send(heard)
    shop.cloud.settle()
    outcomes = {"handled", "duplicate"} if service.queue.accepts_replays else {"ignored"}
    lines = [json.loads(line) for line in shop.cloud.logs(DEV.function(service.name))[said_before:]]
    assert heard
    assert sum(line.get("message") in outcomes for line in lines) == len(heard)


def never(seconds: float) -> None:
    raise AssertionError(f"nobody has to wait {seconds} s here")
