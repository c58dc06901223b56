"""`orderbus trace` exports an order's journey as spans: by OTLP, and as files for Jaeger and Chrome."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cli.core.account import Account
from cli.core.exit_codes import ExitCode
from cli.trace.export.otlp import HEADERS_VARIABLE
from pocketcloud import AwsCall
from tests.workflow.call_faults import Proceed, call_fault
from tests.workflow.command_line import orderbus
from tests.workflow.shop import PREFIX, Shop, a_checkout, an_order, checkout_entry

CONSUMER, ERROR = 5, 2
REACHED = ("relay", "orders", "inventory", "payments", "shipping", "notifications", "fraud", "views")


@dataclass
class Collector:
    """A server that keeps what it is sent, and gives one response."""

    status: int = 200
    response: bytes = b"{}"
    paths: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    documents: list[Any] = field(default_factory=list)
    url: str = ""

    def response_status(self) -> int:
        """Return the status of the response to the latest document."""
        return self.status

    def spans(self) -> list[dict[str, Any]]:
        """Return the spans, each with its service."""
        return [
            {**span, "service": resource["resource"]["attributes"][0]["value"]["stringValue"]}
            for document in self.documents
            for resource in document["resourceSpans"]
            for scope in resource["scopeSpans"]
            for span in scope["spans"]
        ]


@contextmanager
def serving(collector: Collector) -> Iterator[Collector]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.paths.append(self.path)
            collector.headers.append(dict(self.headers))
            collector.documents.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(collector.response_status())
            self.send_header("Content-Length", str(len(collector.response)))
            self.end_headers()
            self.wfile.write(collector.response)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield collector
        server.shutdown()


def attributes(span: dict[str, Any]) -> dict[str, str]:
    return {each["key"]: next(iter(each["value"].values())) for each in span["attributes"]}


def started(span: dict[str, Any]) -> tuple[int, int]:
    return int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"])


def exported(order_id: str, **of: Any) -> list[dict[str, Any]]:
    with serving(Collector(**of)) as collector:
        code, out, err = orderbus("trace", order_id, "--otlp", collector.url)
        spans = collector.spans()
    assert (code, out, err) == (ExitCode.OK, "", f"{len(spans)} spans sent to {collector.url}\n")
    return spans


def completed(shop: Shop, **of: Any) -> str:
    order_id = shop.place(an_order(**of))
    shop.cloud.settle()
    return order_id


def test_spans_lead_from_the_request_to_the_shipment(shop: Shop) -> None:
    spans = exported(completed(shop))
    by_id = {span["spanId"]: span for span in spans}
    assert len(by_id) == len(spans)
    (shipped,) = (span for span in spans if span["name"] == "create ShipmentScheduled")
    path = [shipped]
    while parent := path[-1].get("parentSpanId"):
        path.append(by_id[parent])
    assert [f"{span['service']}: {span['name']}" for span in reversed(path)] == [
        "orders-api: POST /orders",
        "orders: create OrderCreated",
        "inventory: process OrderCreated",
        "inventory: create InventoryReserved",
        "payments: process InventoryReserved",
        "payments: create PaymentProcessed",
        "orders: process PaymentProcessed",
        "orders: create OrderConfirmed",
        "shipping: process OrderConfirmed",
        "shipping: create ShipmentScheduled",
    ]
    assert all(int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"]) for span in spans)
    assert all("parentSpanId" not in span or span["parentSpanId"] in by_id for span in spans)
    assert sum("parentSpanId" not in span for span in spans) == 1


def test_spans_have_the_conventional_attributes(shop: Shop) -> None:
    order_id = completed(shop)
    events = {event["type"]: event for event in shop.events(order_id)}
    spans = {(span["service"], span["name"]): span for span in exported(order_id)}
    created, span = events["OrderCreated"], spans["inventory", "process OrderCreated"]
    found = attributes(span)
    assert (span["kind"], span["status"]) == (CONSUMER, {})
    assert found["messaging.system"] == "aws_sqs"
    assert found["messaging.destination.name"] == f"{PREFIX}-inventory"
    assert found["messaging.message.id"] == found["cloudevents.event_id"] == created["id"]
    assert found["cloudevents.event_source"] == "orders"
    assert found["cloudevents.event_subject"] == order_id
    _, trace_id, creation, _ = created["traceparent"].split("-")
    assert span["links"] == [{"traceId": trace_id, "spanId": creation}]
    assert spans["orders", "create OrderCreated"]["spanId"] == creation
    assert {each["traceId"] for each in spans.values()} == {trace_id}


def test_spans_of_a_batch_share_their_invocation(shop: Shop) -> None:
    orders = [shop.place(an_order()) for _ in range(2)]
    shop.cloud.settle()
    first, second = (
        {
            span["name"]: attributes(span)["faas.invocation_id"]
            for span in exported(each)
            if span["service"] == "relay"
        }
        for each in orders
    )
    assert first["send OrderCreated"] == second["send OrderCreated"]


def test_spans_show_retries_and_failures(shop: Shop) -> None:
    def refuse(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.function == f"{PREFIX}-shipping" and call.operation == "TransactWriteItems":
            raise OSError("no connection")
        return proceed()

    with call_fault(shop.cloud, refuse):
        order_id = completed(shop)
    spans = {(span["service"], span["name"]): span for span in exported(order_id)}
    failed = spans["shipping", "process OrderConfirmed"]
    assert failed["status"] == {"code": ERROR, "message": "reaction_failed"}
    assert [event["name"] for event in failed["events"]] == ["retried"] * 4
    assert attributes(failed)["messaging.delivery_count"] == "5"
    assert [key for key, span in spans.items() if span["status"]] == [("shipping", "process OrderConfirmed")]


def test_spans_of_decisions_exist_without_logs(shop: Shop) -> None:
    order_id = completed(shop)
    logs = shop.cloud.client("logs")
    groups = [f"/aws/lambda/{PREFIX}-{name}" for name in ("orders-api", *REACHED)]
    for group in groups:
        logs.delete_log_group(logGroupName=group)
    try:
        spans = exported(order_id)
    finally:
        for group in groups:
            logs.create_log_group(logGroupName=group)
    assert [f"{span['service']}: {span['name']}" for span in sorted(spans, key=started)] == [
        "orders: create OrderCreated",
        "inventory: process OrderCreated",
        "inventory: create InventoryReserved",
        "payments: process InventoryReserved",
        "payments: create PaymentProcessed",
        "orders: process PaymentProcessed",
        "orders: create OrderConfirmed",
        "shipping: process OrderConfirmed",
        "shipping: create ShipmentScheduled",
    ]


def test_spans_of_a_partners_order_begin_with_checkout(shop: Shop) -> None:
    shop.cloud.put_events([checkout_entry(a_checkout())])
    shop.cloud.settle()
    (order_id,) = {row["order_id"] for row in shop.orders()}
    (root,) = (span for span in exported(order_id) if "parentSpanId" not in span)
    assert (root["service"], root["name"], root["kind"]) == ("orders", "process CheckoutCompleted", CONSUMER)


def test_files_hold_the_same_spans(shop: Shop, tmp_path: Path) -> None:
    order_id = completed(shop, payment_method="pm_card_chargeDeclined")
    for_jaeger, for_chrome = tmp_path / "jaeger.json", tmp_path / "chrome.json"
    code, out, err = orderbus("trace", order_id, "--jaeger", str(for_jaeger), "--chrome", str(for_chrome))
    assert (code, out, len(err.splitlines())) == (ExitCode.OK, "", 2)
    spans = exported(order_id)
    (trace,) = json.loads(for_jaeger.read_text())["data"]
    events = json.loads(for_chrome.read_text())["traceEvents"]
    processes = {event["pid"]: event["args"]["name"] for event in events if event["ph"] == "M"}
    expected = sorted(
        (span["service"], span["name"], int(span["startTimeUnixNano"]) // 1000) for span in spans
    )
    assert expected == sorted(
        (trace["processes"][span["processID"]]["serviceName"], span["operationName"], span["startTime"])
        for span in trace["spans"]
    )
    assert expected == sorted(
        (processes[event["pid"]], event["name"], event["ts"]) for event in events if event["ph"] == "X"
    )
    parents = {reference["spanID"] for span in trace["spans"] for reference in span["references"]}
    assert parents <= {span["spanID"] for span in trace["spans"]}


@pytest.mark.parametrize(
    ("collector", "sentence"),
    [
        (Collector(status=401, response=b"no key"), "did not take the spans: it responded 401 no key."),
        (
            Collector(response=b'{"partialSuccess": {"rejectedSpans": "2", "errorMessage": "too old"}}'),
            "did not take the spans: 2 spans were rejected: too old.",
        ),
    ],
    ids=["rejected", "in part"],
)
def test_export_fails_when_the_collector_rejects_spans(
    shop: Shop, collector: Collector, sentence: str
) -> None:
    order_id = completed(shop)
    with serving(collector):
        code, out, err = orderbus("trace", order_id, "--otlp", collector.url)
    assert (code, out) == (ExitCode.REFUSED, "")
    assert err.startswith(f"{collector.url}/v1/traces ")
    assert sentence in " ".join(err.split())


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--otlp", "collector"), "collector is not an HTTP address."),
        (("--jaeger", "/nowhere/file"), "/nowhere/file cannot be written: No such file or directory."),
    ],
)
def test_export_names_a_wrong_destination(shop: Shop, options: tuple[str, ...], sentence: str) -> None:
    code, out, err = orderbus("trace", completed(shop), *options)
    assert (code, out) == (ExitCode.USAGE, "")
    assert err.startswith(sentence)


def test_export_sends_the_configured_headers(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HEADERS_VARIABLE, "x-key=a%20secret, x-team=orders")
    with serving(Collector()) as collector:
        orderbus("trace", completed(shop), "--otlp", f"{collector.url}/otlp/v1/traces")
    assert collector.paths == ["/otlp/v1/traces"]
    (headers,) = collector.headers
    assert (headers["x-key"], headers["x-team"]) == ("a secret", "orders")


def test_request_to_cloudwatch_is_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    account = Account(stage="signing", region="eu-west-1")  # a session of its own
    url = "https://xray.eu-west-1.amazonaws.com/v1/traces"
    headers = account.signed_headers("xray", "POST", url, b"{}", {"Content-Type": "application/json"})
    assert headers["Content-Type"] == "application/json"
    scope = headers["Authorization"].partition("Credential=AKIDEXAMPLE/")[2].partition(",")[0]
    assert scope.endswith("/eu-west-1/xray/aws4_request")
