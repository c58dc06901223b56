"""What a function is told, and how it runs."""

import re
from pathlib import Path

from infrastructure import topology
from infrastructure.bundles import ROOT
from tests.infrastructure.graph import Graph

MESSAGES = {"DEAD_LETTER_QUEUE_URL", "MAX_RECEIVE_COUNT"}
STRIPE = {"PAYMENT_SECRET", "STRIPE_URL"}
COMMON = {
    "STAGE",
    "CONTRACTS",
    "POWERTOOLS_SERVICE_NAME",
    "POWERTOOLS_METRICS_NAMESPACE",
    "POWERTOOLS_LOG_LEVEL",
    "SUCCESS_LOG_RATE",
}


def environment(graph: Graph, name: str) -> dict[str, str]:
    variables = graph.named("Lambda::Function", name).properties["Environment"]["Variables"]
    return {key: value for key, value in variables.items() if key not in COMMON}


def test_a_consumer_is_told_its_tables_and_its_dead_letter_queue(dev: Graph) -> None:
    assert environment(dev, "orderbus-dev-payments") == {
        "EVENT_LOG_TABLE": "orderbus-dev-event-log",
        "ATTEMPTS_TABLE": "orderbus-dev-attempts",
        "GATEWAY_TABLE": "orderbus-dev-gateway",
        "PAYMENT_GATEWAY": "simulated",
        "IDEMPOTENCY_TABLE": "orderbus-dev-payments-idempotency",
        "DEAD_LETTER_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/orderbus-dev-payments-dlq",
        "MAX_RECEIVE_COUNT": "5",
    }


def test_the_other_functions_are_told_what_they_alone_need(dev: Graph) -> None:
    assert environment(dev, "orderbus-dev-relay") == {
        "ORDER_BUS_NAME": "orderbus-dev-order-bus",
        "DEAD_LETTER_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/orderbus-dev-relay-dlq",
    }
    assert environment(dev, "orderbus-dev-notifications")["SENDER_ADDRESS"] == "orders@dev.orderbus.example"
    assert environment(dev, "orderbus-dev-orders-api") == {
        "EVENT_LOG_TABLE": "orderbus-dev-event-log",
        "ORDERS_TABLE": "orderbus-dev-orders",
        "CATALOGUE_TABLE": "orderbus-dev-catalogue",
    }
    assert environment(dev, "orderbus-dev-orders-deadlines") == {
        "EVENT_LOG_TABLE": "orderbus-dev-event-log",
        "ORDERS_TABLE": "orderbus-dev-orders",
        "ORDER_TIMEOUT_MINUTES": "15",
    }
    assert environment(dev, "orderbus-dev-payments-reconciliation") == {
        "EVENT_LOG_TABLE": "orderbus-dev-event-log",
        "ATTEMPTS_TABLE": "orderbus-dev-attempts",
        "GATEWAY_TABLE": "orderbus-dev-gateway",
        "PAYMENT_GATEWAY": "simulated",
    }


def test_a_service_s_code_asks_for_no_variable_that_its_functions_lack(dev: Graph) -> None:
    apis = {
        each.name: environment(dev, f"orderbus-dev-{each.name}-api") for each in topology.SERVICES if each.api
    }
    timed = {
        each.name: environment(dev, f"orderbus-dev-{each.name}-deadlines")
        for each in topology.SERVICES
        if each.deadlines
    }
    for service in (*(each.name for each in topology.SERVICES), "relay"):
        told = {
            **environment(dev, f"orderbus-dev-{service}"),
            **apis.get(service, {}),
            **timed.get(service, {}),
        }
        told |= dict.fromkeys(STRIPE, "with stripe only") if service == "payments" else {}
        asked = {name for path in (ROOT / "functions" / service).rglob("*.py") for name in asks(path)}
        assert asked <= told.keys(), service


def asks(path: Path) -> set[str]:
    """The variables a file requires."""
    return set(re.findall(r'required\("([A-Z_]+)"\)', path.read_text()))


def test_every_function_runs_the_layer_s_python_on_arm_and_logs_json_to_its_own_group(dev: Graph) -> None:
    for function in dev.of("Lambda::Function"):
        told = function.properties
        assert told["Runtime"] == "python3.13"
        assert told["Architectures"] == ["arm64"]
        assert told["TracingConfig"] == {"Mode": "Active"}
        assert len(told["Layers"]) == 1
        assert told["LoggingConfig"]["LogFormat"] == "JSON"
        assert told["LoggingConfig"]["LogGroup"] == f"/aws/lambda/{function.name}"
        assert dev.named("Logs::LogGroup", f"/aws/lambda/{function.name}").stack == function.stack


def test_a_handler_string_follows_from_the_service_s_name(dev: Graph) -> None:
    handlers = {each.name: each.properties["Handler"] for each in dev.of("Lambda::Function")}
    assert handlers == {
        "orderbus-dev-relay": "functions.relay.handler.handle",
        "orderbus-dev-inventory-levels": "functions.inventory.levels.handle",
        "orderbus-dev-orders-api": "functions.orders.api.handle",
        "orderbus-dev-orders-deadlines": "functions.orders.deadlines.handle",
        "orderbus-dev-payments-reconciliation": "functions.payments.reconciliation.handle",
        "orderbus-dev-views-api": "functions.views.api.handle",
        **{
            f"orderbus-dev-{service.name}": f"functions.{service.name}.handler.handle"
            for service in topology.SERVICES
        },
    }
