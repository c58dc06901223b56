"""Commands that put events split requests by size, and put each event once and in order."""

from types import SimpleNamespace
from typing import Any

import pytest

from cli.events import publish
from cli.events.event_file import verdict_on
from cli.stock import deliveries as stock_deliveries
from functions.contracts.values import StockLine
from functions.contracts.warehouse import StockReplenished
from functions.shared.contracts import codec
from functions.shared.runtime.event_batches import MAXIMUM_BATCH_BYTES, entry_size
from infrastructure.names import Names
from tests.now import NOW
from tests.workflow.shop import a_checkout, checkout_entry

NAMES = Names("dev")


class Bus:
    """Accept everything, and keep each request's entries."""

    def __init__(self) -> None:
        self.requests: list[list[dict[str, Any]]] = []

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's name
        self.requests.append(Entries)
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"} for _ in Entries]}

    def details(self) -> list[str]:
        for request in self.requests:
            assert sum(map(entry_size, request)) < MAXIMUM_BATCH_BYTES
        return [entry["Detail"] for request in self.requests for entry in request]


def test_events_put_splits_its_requests_by_bytes() -> None:
    bus = Bus()
    account: Any = SimpleNamespace(client=lambda _: bus, names=NAMES)
    small = [checkout_entry(a_checkout(key=f"basket-{number}"))["Detail"] for number in range(7)]
    documents = [document[:-1] + " " * 60_000 + document[-1] for document in small]
    verdicts = [verdict_on(document, number, NOW) for number, document in enumerate(documents)]
    done = list(publish._put(account, documents, verdicts))  # noqa: SLF001 - the request is made there
    assert bus.details() == documents
    assert [len(request) for request in bus.requests] == [4, 3]
    assert [verdict.number for verdict in done] == list(range(7))


@pytest.mark.parametrize("number", [7, 23])
def test_stock_deliveries_are_split_by_bytes_and_number(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    bus = Bus()
    filler = " " * (60_000 if number == 7 else 0)
    write = codec.write
    monkeypatch.setattr(codec, "write", lambda event: write(event) + filler)
    deliveries = [
        StockReplenished(replenishment_id=f"d-{n}", lines=(StockLine(sku="CUP", quantity=1),))
        for n in range(number)
    ]
    account: Any = SimpleNamespace(client=lambda _: bus, names=NAMES)
    stock_deliveries.publish(account, deliveries, now=NOW, hint="")
    assert [f'"replenishment_id":"d-{n}"' in text for n, text in enumerate(bus.details())] == [True] * number
    assert [len(request) for request in bus.requests] == ([4, 3] if number == 7 else [10, 10, 3])
