"""Sampled traces: the spans that the function sends, through failures of the collector."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from pocketcloud import OfflineCloud
from tests.assemblies import dev_with
from tests.permissions.grants import Grant, unused
from tests.workflow.command_line import orderbus
from tests.workflow.shop import PREFIX, Shop, an_order
from tests.workflow.test_trace_export import Collector, exported, serving

FUNCTION = f"{PREFIX}-otlp"
SENT = ("create", "process")
"""The kinds of span that need no log."""


@dataclass
class SelectiveCollector(Collector):
    """A collector that takes no request with a span of this name."""

    refused: str = ""

    def response_status(self) -> int:
        """Return 400 for a document with that span."""
        return 400 if self.refused and self.refused in json.dumps(self.documents[-1]) else self.status

    def forget(self) -> None:
        """Start again, as a healthy collector."""
        self.status, self.refused, self.response = 200, "", b"{}"
        self.documents.clear()


@pytest.fixture(scope="module")
def running() -> Iterator[SelectiveCollector]:
    with serving(SelectiveCollector()) as collector:
        assert isinstance(collector, SelectiveCollector)
        yield collector


@pytest.fixture(scope="module")
def deployed(running: SelectiveCollector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfflineCloud]:
    """The stage `dev` with a stream of two shards, and all traces sent."""
    stream = {"shards": 2, "retention_hours": 168}
    row = {"endpoint": running.url, "ratio": 1}
    with OfflineCloud.start(
        assembly=dev_with(tmp_path_factory, ordered_stream=stream, bridges={"otlp": row})
    ) as cloud:
        yield cloud


@pytest.fixture
def collector(running: SelectiveCollector, shop: Shop) -> SelectiveCollector:
    """The collector, without what earlier tests sent."""
    running.forget()
    return running


def place_orders(shop: Shop) -> list[str]:
    """Place an order that ships, one that is declined and one that is out of stock."""
    bodies = (
        an_order(),
        an_order(payment_method="pm_card_chargeDeclined"),
        an_order(lines=[{"sku": "TEAPOT", "quantity": 50}]),
    )
    return [shop.place(body, key=f"k-{n}", customer=f"c-{n}") for n, body in enumerate(bodies)]


def essence(spans: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what makes the tree: of each span that needs no log its name, kind, parent and links."""
    return {
        span["spanId"]: (span["traceId"], span["name"], span["kind"], span["service"], span["links"])
        for span in spans
        if span["name"].startswith(SENT)
    }


def parents(spans: list[dict[str, Any]]) -> dict[str, str]:
    return {span["spanId"]: span["parentSpanId"] for span in spans if "parentSpanId" in span}


def assert_whole(orders: list[str], collector: Collector) -> None:
    """Compare the spans with those that the command makes of the event log and the logs.

    The function sends one for each event, and one for the handling of its cause unless that was a request. A
    handling that decided nothing is only in the logs.
    """
    of_command = [span for order in orders for span in exported(order)]
    found, wanted = essence(collector.spans()), essence(of_command)
    assert found.items() <= wanted.items()
    of_events = parents(of_command)
    assert all(of_events[span] == parent for span, parent in parents(collector.spans()).items())
    created = sum(each[1].startswith("create") for each in wanted.values())
    assert sum(each[1].startswith("create") for each in found.values()) == created
    assert sum(each[1].startswith("process") for each in found.values()) == created - len(orders)


def test_spans_equal_those_of_the_trace_command(shop: Shop, collector: SelectiveCollector) -> None:
    orders = place_orders(shop)
    shop.cloud.settle()
    assert_whole(orders, collector)
    assert set(collector.paths) == {"/v1/traces"}


def test_collector_that_is_down_delays_no_order(shop: Shop, collector: SelectiveCollector) -> None:
    collector.status = 503
    orders = place_orders(shop)
    shop.cloud.advance(minutes=5)
    assert "ShipmentScheduled" in shop.facts(orders[0])
    shop.cloud.advance(minutes=60)
    collector.forget()
    shop.cloud.advance(minutes=30)
    assert_whole(orders, collector)


def test_repeated_spans_are_the_same_when_responses_are_lost(
    shop: Shop, collector: SelectiveCollector
) -> None:
    collector.status = 500  # it keeps what it got
    orders = place_orders(shop)
    shop.cloud.advance(minutes=2)
    collector.status = 200
    shop.cloud.advance(minutes=30)
    spans = collector.spans()
    assert len({json.dumps(span, sort_keys=True) for span in spans}) == len(
        {each["spanId"] for each in spans}
    )
    assert len(spans) > len({each["spanId"] for each in spans})
    assert_whole(orders, collector)


def test_one_refused_event_keeps_no_other_back(shop: Shop, collector: SelectiveCollector) -> None:
    collector.refused, before = "create PaymentDeclined", rejected_spans(shop)
    orders = place_orders(shop)
    shop.cloud.advance(minutes=5)
    accepted = [each for each in collector.documents if collector.refused not in json.dumps(each)]
    collector.documents[:] = accepted
    names = {span["name"] for span in collector.spans()}
    events = {event["type"] for order in orders for event in shop.events(order)}
    assert {f"create {event}" for event in events} - names == {collector.refused}
    # Each event has a span that creates it, and one that processed its cause.
    declined = [event for order in orders for event in shop.events(order) if "Declined" in event["type"]]
    assert rejected_spans(shop) - before == 2 * len(declined) > 0


def test_spans_that_the_collector_drops_are_counted(shop: Shop, collector: SelectiveCollector) -> None:
    collector.response = b'{"partialSuccess": {"rejectedSpans": "1", "errorMessage": "too old"}}'
    before = rejected_spans(shop)
    place_orders(shop)
    shop.cloud.settle()
    assert rejected_spans(shop) - before == len(collector.documents)


def rejected_spans(shop: Shop) -> float:
    """Return the total of `SpansRejected`; logs survive a reset."""
    lines = [json.loads(line) for line in shop.cloud.logs(FUNCTION) if line.startswith("{")]
    return float(sum(sum(line["SpansRejected"]) for line in lines if "SpansRejected" in line))


def test_records_are_dead_lettered_after_hours_without_collector(
    shop: Shop, collector: SelectiveCollector
) -> None:
    collector.status = 503
    shop.cloud.retry_after = timedelta(minutes=30)
    place_orders(shop)
    shop.cloud.advance(hours=14)
    code, listed, _ = orderbus("dlq", "ls", "--json")
    assert (code, "otlp" in listed) == (0, True)
    messages = [json.loads(message["Body"]) for message in shop.dead_letters("otlp")]
    assert messages
    assert all("KinesisBatchInfo" in each for each in messages)


def test_unreadable_record_stops_nothing(shop: Shop, collector: SelectiveCollector) -> None:
    client = shop.cloud.client("kinesis")
    for key in ("a", "b", "c"):
        client.put_record(StreamName=f"{PREFIX}-events", PartitionKey=key, Data=b"not json")
    orders = place_orders(shop)
    shop.cloud.settle()
    assert_whole(orders, collector)


def test_every_grant_of_the_function_is_used(shop: Shop, collector: SelectiveCollector) -> None:
    collector.status = 503
    shop.cloud.retry_after = timedelta(minutes=30)
    place_orders(shop)
    shop.cloud.advance(hours=14)
    assert [str(grant) for grant in unused(shop.cloud) if is_ours(grant)] == []
    assert [each for each in shop.cloud.access.denials if FUNCTION in str(each)] == []


def is_ours(grant: Grant) -> bool:
    # X-Ray and Lambda's own reads of the stream are not played offline.
    return grant.function == FUNCTION and not grant.action.startswith(("xray:", "kinesis:"))
