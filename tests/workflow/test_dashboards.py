"""Every metric on a dashboard is measured; a graph of any other one would stay empty."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from infrastructure import topology
from pocketcloud import OfflineCloud
from pocketcloud.cloudwatch.metrics import Metric
from tests.assemblies import dev_with_options
from tests.workflow.call_faults import SilentGateway, call_fault
from tests.workflow.function_faults import delivered, failing, ran_low, send
from tests.workflow.shop import PREFIX, Shop, an_order

SEARCH = re.compile(
    r"SEARCH\('\{(?P<space>[^,]+),(?P<names>[a-z,]+)\} MetricName=\"(?P<metric>\w+)\""
    r"( service=\"(?P<service>\w+)\")?'"
)
NOT_MEASURED_OFFLINE = {
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
    ("AWS/DynamoDB", "ReadThrottleEvents", "TableName"),
    ("AWS/DynamoDB", "WriteThrottleEvents", "TableName"),
    # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    ("AWS/Lambda", "Throttles", "FunctionName"),
}
"""AWS emits it under this name and dimension only during such a fault."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The stage with its dashboards, after orders and faults."""
    with OfflineCloud.start(assembly=dev_with_options(tmp_path_factory)) as cloud:
        shop = Shop(cloud)
        shop.open()
        happen(shop)
        yield shop


def happen(shop: Shop) -> None:
    order = shop.place(an_order())
    shop.cloud.settle()
    facts = shop.events(order)
    for service in topology.SERVICES:
        for fact in facts:
            send(shop, service.name, delivered(fact))  # once more, and to those it is not for
        send(shop, service.name, "this is not JSON")
        shop.cloud.settle()
        consumed = next(fact for fact in facts if fact["type"] in service.reacts_to)
        with call_fault(shop.cloud, failing(service.name)):
            send(shop, service.name, delivered(consumed))
            shop.cloud.advance(minutes=1)
    send(shop, "notifications", delivered(facts[0], **{"replay-name": "again"}))  # which it ignores
    ran_low(shop)
    shop.cloud.http("GET", "/orders")
    shop.post({"lines": []}, key="bad")
    with call_fault(shop.cloud, SilentGateway("lost")):
        shop.place(an_order(), key="k2")
        shop.cloud.advance(minutes=3)


def dashboards(shop: Shop) -> dict[str, list[dict[str, Any]]]:
    """The widgets of each."""
    client = shop.cloud.client("cloudwatch")
    names = [each["DashboardName"] for each in client.list_dashboards()["DashboardEntries"]]
    bodies = {name: client.get_dashboard(DashboardName=name)["DashboardBody"] for name in names}
    return {name: json.loads(body)["widgets"] for name, body in bodies.items()}


def series(shop: Shop) -> Iterator[tuple[str, list[Any]]]:
    for name, widgets in dashboards(shop).items():
        for widget in widgets:
            for line in widget["properties"].get("metrics", []):
                yield name, line


def test_stage_has_a_business_dashboard_and_one_per_service(shop: Shop) -> None:
    services = {f"{PREFIX}-{service.name}" for service in topology.SERVICES}
    assert set(dashboards(shop)) == {f"{PREFIX}-business", *services}


def test_every_custom_series_has_data(shop: Shop) -> None:
    known = shop.cloud.metrics.known()
    services = {value for metric in known for name, value in metric.dimensions if name == "service"}
    looked_at = 0
    for page, (first, *_) in series(shop):
        if isinstance(first, dict):
            found = SEARCH.match(first["expression"])
            assert found, (page, first)
            names = set(found["names"].split(","))
            assert any(is_one(each, found["space"], found["metric"], names) for each in known), (page, first)
            assert found["service"] is None or found["service"] in services
            looked_at += 1
    assert looked_at > 5 * len(topology.SERVICES)


def test_every_aws_series_names_an_existing_resource(shop: Shop) -> None:
    known = shop.cloud.metrics.known()
    tables = set(shop.cloud.client("dynamodb").list_tables()["TableNames"])
    functions = {each["FunctionName"] for each in shop.cloud.client("lambda").list_functions()["Functions"]}
    for page, (space, *rest) in series(shop):
        if isinstance(space, str):
            metric, dimension, value, _ = rest
            measured = Metric.of(space, metric, **{dimension: value}) in known
            on_call = (space, metric, dimension) in NOT_MEASURED_OFFLINE and value in tables | functions
            assert measured or on_call, (page, space, rest)


def is_one(metric: Metric, namespace: str, name: str, dimensions: set[str]) -> bool:
    found = (metric.namespace, metric.name, {dimension for dimension, _ in metric.dimensions})
    return found == (namespace, name, dimensions)
