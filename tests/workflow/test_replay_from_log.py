"""`orderbus replay` from the event log: selection, form, retries and progress."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from cli.core.exit_codes import ExitCode
from tests.workflow.command_line import orderbus
from tests.workflow.invariants import violations
from tests.workflow.replays import (
    DEV,
    bus_events_for,
    done,
    log_of,
    messages_for,
    more_than_a_batch,
    one_order_per_outcome,
    planned,
)
from tests.workflow.shop import Shop, an_order

CONSUMED_BY_PAYMENTS = {"InventoryReserved", "OrderCancelled"}


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Record pauses instead of sleeping; time stands still, so messages stay in their queues."""
    waited: list[float] = []
    monkeypatch.setattr("cli.replay.commands.sleep", waited.append)
    return waited


def ids(events: list[dict[str, Any]]) -> list[str]:
    return [event["id"] for event in events]


def details(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event["detail"] for event in events]


def test_replay_only_shows_its_plan_without_yes(shop: Shop) -> None:
    one_order_per_outcome(shop)
    report = planned("replay", "--into", "payments")
    assert set(report["facts"]) == CONSUMED_BY_PAYMENTS
    assert report["due"] == sum(report["facts"].values()) == 8
    assert (report["sent"], report["requests_to_send"], report["requests_to_read"]) == (0, 1, 1)
    code, out, _ = orderbus("replay", "--into", "payments")
    assert code == ExitCode.OK
    assert "8 facts for queue orderbus-dev-payments: 4 InventoryReserved, 4 OrderCancelled." in out
    assert "Nothing was sent. Add --yes to send it: 1 requests, 0 s at least." in out
    assert messages_for(shop, "payments") == []


def test_replay_sends_an_orders_facts_to_one_consumer(shop: Shop) -> None:
    order = one_order_per_outcome(shop)["cancelled after the capture"]
    before = list(shop.cloud.deliveries)
    assert done("replay", "payments", "--order", order)["facts"] == {
        "InventoryReserved": 1,
        "OrderCancelled": 1,
    }
    expected = [event for event in shop.events(order) if event["type"] in CONSUMED_BY_PAYMENTS]
    assert details(bus_events_for(shop, "payments")) == expected
    assert list(shop.cloud.deliveries) == before


def test_replay_sends_facts_in_their_original_order(shop: Shop) -> None:
    one_order_per_outcome(shop)
    consumed = [event for event in log_of(shop) if event["type"] in CONSUMED_BY_PAYMENTS]
    done("replay", "--into", "payments")
    assert ids(details(bus_events_for(shop, "payments"))) == ids(consumed)


def test_replay_selects_facts_by_name_and_window(shop: Shop) -> None:
    orders = one_order_per_outcome(shop)
    (declined,) = (each for each in shop.events(orders["declined"]) if each["type"] == "OrderCancelled")
    selected = done("replay", "payments", "--fact", "OrderCancelled", "--since", declined["time"])
    assert selected["facts"] == {"OrderCancelled": 3}
    assert ids(details(bus_events_for(shop, "payments")))[0] == declined["id"]
    assert planned("replay", "payments", "--until", declined["time"])["due"] == 4
    shop.cloud.advance(hours=1)
    assert planned("replay", "payments", "--since", "30m")["due"] == 0
    assert planned("replay", "payments", "--since", "2h")["due"] == 8


def test_replayed_message_equals_eventbridges_and_names_the_caller(shop: Shop) -> None:
    """Compare it with a replay from the archive, which EventBridge itself sends."""
    shop.place(an_order())
    shop.cloud.settle()
    with disabled(shop, "shipping"):
        done("replay", "shipping", "--fact", "OrderConfirmed", "--since", "1d")
        (ours,) = messages_for(shop, "shipping")
        done("replay", "shipping", "--from-archive", "--since", "1d", "--no-wait")
        shop.cloud.settle()
        (theirs,) = bus_events_for(shop, "shipping")
    body = json.loads(ours["Body"])
    assert {**body, "id": theirs["id"]} == theirs
    assert body["replay-name"].startswith("orderbus-dev-shipping-")
    assert ours["MessageAttributes"]["replayed_by"]["StringValue"].startswith("arn:aws:")


@contextmanager
def disabled(shop: Shop, service: str) -> Iterator[None]:
    """Disable the consumer's event source mapping for a while."""
    functions = shop.cloud.client("lambda")
    (mapping,) = (
        each["UUID"]
        for each in functions.list_event_source_mappings()["EventSourceMappings"]
        if each["EventSourceArn"].endswith(f":{DEV.queue(service)}")
    )
    functions.update_event_source_mapping(UUID=mapping, Enabled=False)
    yield
    functions.update_event_source_mapping(UUID=mapping, Enabled=True)


def test_replay_is_in_the_audit_trail_before_it_starts(shop: Shop) -> None:
    one_order_per_outcome(shop)
    planned("replay", "--into", "payments")
    assert shop.rows("audit") == []
    done("replay", "--into", "payments")
    (entry,) = shop.rows("audit")
    assert (entry["action"], entry["count"], entry["selected"]) == ("replay", "8", "into payments")
    assert entry["by"].startswith("arn:aws:")
    assert "facts: 8, selected: into payments" in orderbus("dlq", "log")[1]


class FaultySqs:
    """SQS that rejects entries of the first batches, or raises an error at the n-th batch."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **behaviour: Any) -> None:
        self.behaviour, self.batches = behaviour, 0
        original = BaseClient._make_api_call  # type: ignore[attr-defined]  # noqa: SLF001 - the one way to AWS

        def call(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
            if operation != "SendMessageBatch":
                return original(client, operation, parameters)
            self.batches += 1
            if self.batches == self.behaviour.get("breaks_at"):
                raise self.behaviour.get("with_", KeyboardInterrupt)
            return self._send(original, client, parameters)

        monkeypatch.setattr(BaseClient, "_make_api_call", call)

    def _send(self, original: Any, client: BaseClient, parameters: dict[str, Any]) -> Any:
        entries = parameters["Entries"]
        rejected = entries[-2:] if self.batches <= self.behaviour.get("rejects_first", 0) else []
        accepted = entries[: len(entries) - len(rejected)]
        code, fault = self.behaviour.get("because", ("InternalError", False))
        failed = [{"Id": each["Id"], "Code": code, "SenderFault": fault} for each in rejected]
        if accepted:
            original(client, "SendMessageBatch", {**parameters, "Entries": accepted})
        return {"Successful": [{"Id": each["Id"]} for each in accepted], "Failed": failed}


def test_replay_sends_again_what_sqs_did_not_accept(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    one_order_per_outcome(shop)
    sqs = FaultySqs(monkeypatch, rejects_first=2)
    report = done("replay", "--into", "payments")
    assert (report["sent"], sqs.batches) == (8, 3)
    assert pauses[:2] == [0.4, 0.8]
    assert len(set(ids(bus_events_for(shop, "payments")))) == 8


def test_replay_names_messages_that_sqs_rejects(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    one_order_per_outcome(shop)
    FaultySqs(monkeypatch, rejects_first=1, because=("InvalidMessageContents", True))
    code, out, _ = orderbus("replay", "--into", "payments", "--yes")
    assert code == ExitCode.INCOMPLETE
    assert out.count(": InvalidMessageContents") == 2
    assert "Sent 6 as orderbus-dev-payments-" in out


def test_replay_stops_when_sqs_accepts_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    one_order_per_outcome(shop)
    FaultySqs(monkeypatch, rejects_first=99)
    code, out, err = orderbus("replay", "--into", "payments", "--yes")
    assert (code, out) == (ExitCode.INCOMPLETE, "")
    assert "0 of 8 facts were sent, then: SQS did not accept 2 of 8 messages." in err


@pytest.mark.parametrize(
    ("with_", "code"),
    [
        (KeyboardInterrupt(), ExitCode.INCOMPLETE),
        (ClientError({"Error": {"Code": "ThrottlingException"}}, "SendMessageBatch"), ExitCode.AWS_REFUSED),
    ],
    ids=["Ctrl-C", "rejected"],
)
def test_replay_resumes_without_duplicates_when_interrupted(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, with_: BaseException, code: ExitCode
) -> None:
    more_than_a_batch(shop)
    line = ("replay", "--into", "views", "--progress", tmp_path / "views.json")
    with monkeypatch.context() as broken:
        FaultySqs(broken, breaks_at=2, with_=with_)
        exit_code, out, err = orderbus(*line, "--yes")
    assert (exit_code, out) == (code, "")
    assert "10 of 22 facts were sent, then: " in err
    shop.cloud.advance(hours=3)
    rest = done(*line)
    assert (rest["sent_before"], rest["sent"]) == (10, 12)
    assert done(*line)["due"] == 0
    assert violations(shop) == []


def test_duration_counts_back_from_the_first_run(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    more_than_a_batch(shop)
    line = ("replay", "views", "--since", "10m", "--progress", tmp_path / "views.json")
    expected = planned(*line)["due"]
    with monkeypatch.context() as broken:
        FaultySqs(broken, breaks_at=2, with_=KeyboardInterrupt())
        orderbus(*line, "--yes")
    shop.cloud.advance(hours=3)
    rest = done(*line)
    assert (rest["sent_before"], rest["sent"]) == (10, expected - 10)


def test_progress_file_matches_its_log_in_any_time_zone(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    one_order_per_outcome(shop)
    line = ("replay", "--into", "views", "--progress", tmp_path / "views.json")
    done(*line)
    monkeypatch.setattr(
        "botocore.parsers.DEFAULT_TIMESTAMP_PARSER",
        lambda value: datetime.fromtimestamp(float(value), timezone(timedelta(hours=9))),
    )
    assert done(*line)["due"] == 0


def test_progress_file_is_rejected_for_another_request(shop: Shop, tmp_path: Path) -> None:
    one_order_per_outcome(shop)
    file = tmp_path / "progress.json"
    done("replay", "--into", "views", "--progress", file)
    code, _, err = orderbus("replay", "--into", "payments", "--progress", file)
    assert code == ExitCode.USAGE
    assert f"{file} belongs to another request: into views." in err
    file.write_text(json.dumps({**json.loads(file.read_text()), "log": "another"}))
    code, _, err = orderbus("replay", "--into", "views", "--progress", file)
    assert (code, f"{file} belongs to another event log." in err) == (ExitCode.USAGE, True)
    file.write_text("{}")
    code, _, err = orderbus("replay", "--into", "payments", "--progress", file)
    assert (code, "is not a progress file" in err) == (ExitCode.USAGE, True)


def test_replay_sends_nothing_when_progress_is_not_writable(shop: Shop, tmp_path: Path) -> None:
    one_order_per_outcome(shop)
    line = ("replay", "--into", "views", "--progress", tmp_path / "no" / "file")
    code, _, err = orderbus(*line, "--yes")
    assert (code, "cannot be written" in err) == (ExitCode.USAGE, True)
    assert messages_for(shop, "views") == []
    assert orderbus(*line)[0] == ExitCode.OK


def test_replay_stops_when_progress_becomes_unwritable(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more_than_a_batch(shop)
    folder = tmp_path / "lost"
    folder.mkdir()
    monkeypatch.setattr("cli.replay.commands.sleep", lambda _: rmtree(folder, ignore_errors=True))
    code, _, err = orderbus("replay", "--into", "views", "--progress", folder / "file", "--yes")
    sent = len(messages_for(shop, "views"))
    assert code == ExitCode.USAGE
    assert f"{sent} of" in err
    assert "cannot be written" in err


def test_replay_names_an_unreadable_row_and_sends_the_others(shop: Shop) -> None:
    one_order_per_outcome(shop)
    bad = {"pk": {"S": "orders#x"}, "sk": {"S": "creation"}, "event": {"S": "{}"}}
    shop.cloud.client("dynamodb").put_item(TableName=DEV.event_log, Item=bad)
    code, out, _ = orderbus("replay", "--into", "payments", "--yes")
    assert code == ExitCode.INCOMPLETE
    assert "cannot be read: orders#x creation" in out
    assert len(bus_events_for(shop, "payments")) == 8


def test_time_is_utc_without_a_zone(shop: Shop) -> None:
    shop.place(an_order())
    shop.cloud.settle()
    first = datetime.fromisoformat(log_of(shop)[0]["time"])
    assert planned("replay", "views", "--since", f"{first:%Y-%m-%dT%H:%M:%S}")["due"] == 2
    assert planned("replay", "views", "--since", f"{first:%Y-%m-%dT%H:%M:%S}-01:00")["due"] == 0
