"""`orderbus restore`: what is rejected, what is left for a person, and that a sound stage needs nothing."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cli.core.exit_codes import ExitCode
from pocketcloud import OfflineCloud
from tests.workflow.command_line import orderbus
from tests.workflow.replays import DEV, one_order_per_outcome
from tests.workflow.shop import Shop, delivery_entry

DELIVERED = {"CUP": 40, "TEAPOT": 40}


@pytest.fixture
def delivered(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A shop whose whole stock came by delivery, and with an order of every outcome."""
    monkeypatch.setattr("cli.restore.commands.sleep", lambda seconds: shop.cloud.advance(seconds=seconds))
    for row in shop.rows("stock"):
        shop.cloud.client("dynamodb").delete_item(
            TableName=DEV.table("inventory", "stock"), Key={"sku": {"S": row["sku"]}}
        )
    shop.cloud.put_events([delivery_entry("stock", **DELIVERED)])
    shop.cloud.settle()
    one_order_per_outcome(shop)
    yield shop
    restore("start", "--yes")


def restore(*arguments: object, code: ExitCode = ExitCode.OK) -> dict[str, Any]:
    """Run a command and return its report."""
    ended, out, err = orderbus("restore", *arguments, "--json")
    assert ended == code, out + err
    report: dict[str, Any] = json.loads(out)
    return report


def log_of(shop: Shop) -> list[dict[str, Any]]:
    """Return the rows of the event log."""
    return shop.rows("event-log")


def forget(cloud: OfflineCloud, pk: str, sk: str) -> dict[str, Any]:
    """Delete a row of the event log; return it."""
    key = {"pk": {"S": pk}, "sk": {"S": sk}}
    deleted: dict[str, Any] = cloud.client("dynamodb").delete_item(
        TableName=DEV.event_log, Key=key, ReturnValues="ALL_OLD"
    )["Attributes"]
    return deleted


def test_sound_stage_needs_no_change(delivered: Shop) -> None:
    before = {name: delivered.rows(name) for name in ("stock", "waiting", "attempts", "claims")}
    dry = restore("state")
    assert (dry["changes"], dry["done"]) == ([], False)
    restore("stop", "--yes")
    done = restore("state", "--yes")
    assert (done["changes"], done["strangers"], done["unexplained"], done["done"]) == ([], [], [], True)
    assert before == {name: delivered.rows(name) for name in before}


def test_lost_rows_come_back_from_the_archive(delivered: Shop) -> None:
    cloud, rows = delivered.cloud, log_of(delivered)
    stopped = restore("stop", "--yes")
    assert {"orderbus-dev-payments", "orderbus-dev-inventory-levels"} <= set(stopped["mappings"].values())
    lost = [forget(cloud, row["pk"], row["sk"]) for row in rows if "confirmation" in row["sk"]]
    assert len(lost) > 3
    dry = restore("events", "--since", "1d")
    assert (dry["read"], dry["done"], len(log_of(delivered))) == (0, False, len(rows) - len(lost))
    done = restore("events", "--since", "1d", "--yes")
    assert (done["read"], len(done["put_back"]), done["conflicts"]) == (len(rows), len(lost), [])
    assert sorted(map(json.dumps, log_of(delivered))) == sorted(map(json.dumps, rows))
    names = {*cloud.engine.sqs.queues, *(rule["Name"] for rule in rules(cloud))}
    assert not {name for name in names if "recovery" in name}


def rules(cloud: OfflineCloud) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = cloud.client("events").list_rules(EventBusName=DEV.event_bus)["Rules"]
    return listed


def test_what_needs_a_person_is_named(delivered: Shop) -> None:
    cloud = delivered.cloud
    code, _, err = orderbus("restore", "state", "--yes")
    assert (code, "may change the tables meanwhile" in err) == (ExitCode.USAGE, True)
    restore("stop", "--yes")
    creation, addition = (
        next(row for row in log_of(delivered) if row["sk"] == name) for name in ("creation", "replenishment")
    )
    order = forget(cloud, creation["pk"], "creation")["pk"]["S"].partition("#")[2]
    forget(cloud, addition["pk"], addition["sk"])
    other = {**addition, "pk": creation["pk"], "sk": "creation"}
    item = {name: {"S": other[name]} for name in ("pk", "sk", "event")}
    cloud.client("dynamodb").put_item(TableName=DEV.event_log, Item=item)
    found = restore("state", code=ExitCode.INCOMPLETE)
    assert found["strangers"] == [order]
    report = restore("events", "--since", "1d", "--yes", code=ExitCode.INCOMPLETE)
    assert [conflict.split(":")[0] for conflict in report["conflicts"]] == [f"orders#{order} creation"]
