"""`orderbus events validate` and `put`: valid documents reach the ingress bus, others are reported."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.core.exit_codes import ExitCode
from functions.shared.contracts.delivery import MAXIMUM_DELIVERY_CHARACTERS
from tests.workflow.command_line import orderbus
from tests.workflow.shop import Shop, a_checkout, checkout_entry

EXAMPLES = Path(__file__).parents[2] / "schemas"


def a_document(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A partner's checkout."""
    document = json.loads(checkout_entry(a_checkout(key=f"basket-{number}"))["Detail"])
    now = datetime.now(UTC).isoformat()
    return {**document, "id": f"00000000-0000-4000-8000-{number:012}", "time": now, **changes}


def ago(**by: float) -> str:
    return (datetime.now(UTC) - timedelta(**by)).isoformat()


def written(folder: Path, *documents: Any, lines: bool = False) -> Path:
    file = folder / "events.json"
    one = documents[0] if len(documents) == 1 else list(documents)
    file.write_text("\n".join(map(json.dumps, documents)) if lines else json.dumps(one, indent=2))
    return file


def command(*arguments: object) -> tuple[int, str, str]:
    return orderbus("events", *arguments)


@pytest.mark.parametrize("lines", [True, False], ids=["one per line", "an array"])
def test_put_creates_an_order_per_document(shop: Shop, tmp_path: Path, *, lines: bool) -> None:
    file = written(tmp_path, *(a_document(number) for number in range(1, 13)), lines=lines)
    shop.open({"TEAPOT": 100, "CUP": 100})
    code, out, _ = command("put", file, "--json")
    assert code == ExitCode.OK
    assert [verdict["code"] for verdict in json.loads(out)] == [""] * 12
    shop.cloud.settle()
    assert [row["status"] for row in shop.orders()] == ["shipped"] * 12


def test_put_creates_no_second_order_when_repeated(shop: Shop, tmp_path: Path) -> None:
    file = written(tmp_path, a_document())
    for _ in range(2):
        assert command("put", file)[0] == ExitCode.OK
        shop.cloud.settle()
    assert len(shop.orders()) == 1


def test_put_reports_the_entries_that_the_bus_rejects(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from moto.events.models import EventsBackend  # noqa: PLC0415 - patched below

    original = EventsBackend.put_events

    def throttled(backend: EventsBackend, entries: list[dict[str, Any]]) -> Any:
        results = original(backend, entries)
        results[1] = {"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"}
        return results

    monkeypatch.setattr(EventsBackend, "put_events", throttled)
    code, out, _ = command("put", written(tmp_path, a_document(1), a_document(2), a_document(3)))
    assert shop.cloud.outputs
    assert code == ExitCode.INCOMPLETE
    first, second, third = out.splitlines()
    assert "ThrottlingException: slow down" in second
    assert first.endswith(" ok")
    assert third.endswith(" ok")


def test_put_sends_nothing_when_one_document_is_invalid(shop: Shop, tmp_path: Path) -> None:
    file = written(tmp_path, a_document(1), a_document(2, data={"customer": "ada"}))
    code, out, err = command("put", file)
    assert (code, out) == (ExitCode.USAGE, "")
    assert "1 of its 2 documents are invalid" in err
    assert "2: 00000000-0000-4000-8000-000000000002" in err
    shop.cloud.settle()
    assert shop.orders() == []


def test_put_rejects_facts_of_our_own_services(shop: Shop, tmp_path: Path) -> None:
    file = written(tmp_path, our_document())
    code, _, err = command("put", file)
    assert shop.cloud.outputs
    assert code == ExitCode.USAGE
    assert "document 1 is a fact of Orderbus's own services" in err
    assert command("validate", file)[0] == ExitCode.OK


def our_document() -> dict[str, Any]:
    data = json.loads((EXAMPLES / "orders" / "OrderCreated.v2.example.json").read_text())
    changes = {"source": "orders", "type": "OrderCreated", "subject": data["order_id"], "data": data}
    return a_document(dataschema="urn:orderbus:schema:orders:OrderCreated:2", **changes)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"type": "CheckoutUnknown"}, "fact_unknown"),
        ({"source": "warehouse"}, "source_unauthorised"),
        ({"dataschema": "urn:orderbus:schema:storefront:CheckoutCompleted:9"}, "schema_major_unsupported"),
        ({"data": {**a_checkout(), "currency": "XXX"}}, "enum_unknown"),
        ({"data": {**a_checkout(), "lines": []}}, "data_invalid"),
        ({"data": {**a_checkout(), "lines": [a_checkout()["lines"][0]] * 2}}, "duplicate_sku"),
        ({"more": "x" * MAXIMUM_DELIVERY_CHARACTERS}, "message_too_large"),
        ({"time": None}, "envelope_invalid"),
    ],
)
def test_validate_says_why_a_document_is_invalid(tmp_path: Path, changes: dict[str, Any], code: str) -> None:
    exit_code, out, _ = command(
        "validate", written(tmp_path, a_document(), a_document(2, **changes)), "--json"
    )
    good, bad = json.loads(out)
    assert exit_code == ExitCode.USAGE
    assert (good["code"], bad["code"]) == ("", code)
    assert bad["detail"]


def test_validate_checks_the_public_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    schemas = tmp_path / "schemas"
    (schemas / "storefront").mkdir(parents=True)
    stricter = {"properties": {"lines": {"maxItems": 1}}}
    (schemas / "storefront" / "CheckoutCompleted.v2.json").write_text(json.dumps(stricter))
    monkeypatch.setattr("cli.events.event_file.SCHEMAS", schemas)
    (verdict,) = json.loads(command("validate", written(tmp_path, a_document()), "--json")[1])
    assert verdict["code"] == "schema_violated"
    assert verdict["detail"].startswith("/lines: ")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file or directory"),
        (b"", "it contains no document"),
        (b"[]", "it contains no document"),
        (b"\xff", "it is not UTF-8"),
    ],
)
def test_validate_reports_an_unusable_file(tmp_path: Path, content: bytes | None, reason: str) -> None:
    file = tmp_path / "events.json"
    if content is not None:
        file.write_bytes(content)
    code, out, err = command("validate", file)
    assert (code, out) == (ExitCode.USAGE, "")
    sentence, hint = err.strip().splitlines()
    assert sentence == f"{file} cannot be used: {reason}."
    assert hint.startswith("Use one CloudEvents document")


@pytest.mark.parametrize(
    ("time", "reason"),
    [
        ({"days": 89, "hours": 23}, ""),
        ({"days": 90, "minutes": 1}, "time_in_past"),
        ({"hours": -23}, ""),
        ({"hours": -24, "minutes": -1}, "time_in_future"),
    ],
)
def test_validate_rejects_a_time_that_the_consumer_rejects(
    tmp_path: Path, time: dict[str, float], reason: str
) -> None:
    code, out, _ = command("validate", written(tmp_path, a_document(time=ago(**time))), "--json")
    assert (json.loads(out)[0]["code"], code == ExitCode.OK) == (reason, not reason)


def test_put_rejects_a_document_that_is_too_old(shop: Shop, tmp_path: Path) -> None:
    code, _, err = command("put", written(tmp_path, a_document(time=ago(days=91))))
    assert code == ExitCode.USAGE
    assert "time_in_past: its time is more than 90 days before its arrival" in err
    shop.cloud.settle()
    assert shop.orders() == []


@pytest.mark.parametrize("lines", [True, False], ids=["one per line", "an array"])
def test_put_adds_the_current_time_when_missing(shop: Shop, tmp_path: Path, *, lines: bool) -> None:
    documents = [a_document(number) for number in (1, 2)]
    for document in documents:
        del document["time"]
    file = written(tmp_path, *documents, lines=lines)
    assert command("validate", file)[0] == ExitCode.OK
    assert command("put", file)[0] == ExitCode.OK
    shop.cloud.settle()
    assert [row["status"] for row in shop.orders()] == ["shipped"] * 2


def test_validate_splits_lines_at_newlines_only(tmp_path: Path) -> None:
    checkout = a_document()
    checkout["data"]["ship_to"]["name"] = "Ada\u2028Lovelace"
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join(json.dumps(checkout, ensure_ascii=False) for _ in range(2)), encoding="utf-8")
    verdicts = json.loads(command("validate", file, "--json")[1])
    assert [verdict["number"] for verdict in verdicts] == [1, 2]
