"""The environment and the runtime of functions."""

import re
from pathlib import Path

from infrastructure import topology
from infrastructure.names import Names
from infrastructure.orderbus import ROOT
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
    "SUCCESS_LOG_SALT",
}


def environment(graph: Graph, name: str) -> dict[str, str]:
    variables = graph.named("Lambda::Function", name).properties["Environment"]["Variables"]
    return {key: value for key, value in variables.items() if key not in COMMON}


def test_consumer_environment_has_its_tables_and_dead_letter_queue(dev: Graph) -> None:
    assert environment(dev, "orderbus-dev-payments") == {
        "EVENT_LOG_TABLE": "orderbus-dev-event-log",
        "ATTEMPTS_TABLE": "orderbus-dev-attempts",
        "GATEWAY_TABLE": "orderbus-dev-gateway",
        "PAYMENT_GATEWAY": "simulated",
        "DEAD_LETTER_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/orderbus-dev-payments-dlq",
        "MAX_RECEIVE_COUNT": "5",
    }


def test_other_functions_get_only_their_own_variables(dev: Graph) -> None:
    assert environment(dev, "orderbus-dev-relay") == {
        "EVENT_BUS_NAME": "orderbus-dev-order-bus",
        "DEAD_LETTER_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/orderbus-dev-relay-dlq",
    }
    assert environment(dev, "orderbus-dev-notifications")["SENDER_ADDRESS"] == "orders@dev.orderbus.example"
    assert environment(dev, "orderbus-dev-orders-api") == {
        "EVENT_LOG_TABLE": "orderbus-dev-event-log",
        "CLAIMS_TABLE": "orderbus-dev-claims",
        "WAITING_TABLE": "orderbus-dev-waiting",
        "CATALOGUE_TABLE": "orderbus-dev-catalogue",
        "PLACEMENTS_TABLE": "orderbus-dev-placements",
        "ORDERS_PER_MINUTE": "20",
        "OPEN_ORDERS": "50",
        "PUBLISH_VERSIONS": "{}",
    }
    assert environment(dev, "orderbus-dev-orders-deadlines") == {
        "EVENT_LOG_TABLE": "orderbus-dev-event-log",
        "CLAIMS_TABLE": "orderbus-dev-claims",
        "WAITING_TABLE": "orderbus-dev-waiting",
        "ORDER_TIMEOUT_MINUTES": "15",
        "PUBLISH_VERSIONS": "{}",
    }
    assert environment(dev, "orderbus-dev-payments-reconciliation") == {
        "EVENT_LOG_TABLE": "orderbus-dev-event-log",
        "ATTEMPTS_TABLE": "orderbus-dev-attempts",
        "GATEWAY_TABLE": "orderbus-dev-gateway",
        "PAYMENT_GATEWAY": "simulated",
    }


def test_code_requires_only_variables_of_its_functions(dev: Graph) -> None:
    modules = {
        each.name: [function.module for function in each.functions if not function.only_when]
        for each in topology.SERVICES
    }
    for service, names in {**modules, "relay": ["handler"]}.items():
        variables: dict[str, str] = {}
        for module in names:
            variables |= environment(dev, Names("dev").function(service, module))
        variables |= dict.fromkeys(STRIPE, "with stripe only") if service == "payments" else {}
        asked = {name for path in (ROOT / "functions" / service).rglob("*.py") for name in asks(path)}
        assert asked <= variables.keys(), service


def asks(path: Path) -> set[str]:
    """The variables a file requires."""
    return set(re.findall(r'required\("([A-Z_]+)"\)', path.read_text()))


def test_functions_run_on_arm_and_log_json(dev: Graph) -> None:
    for function in dev.of("Lambda::Function"):
        properties = function.properties
        assert properties["Runtime"] == "python3.13"
        assert properties["Architectures"] == ["arm64"]
        assert properties["TracingConfig"] == {"Mode": "Active"}
        assert len(properties["Layers"]) == 1
        assert properties["LoggingConfig"]["LogFormat"] == "JSON"
        assert properties["LoggingConfig"]["LogGroup"] == f"/aws/lambda/{function.name}"
        assert dev.named("Logs::LogGroup", f"/aws/lambda/{function.name}").stack == function.stack


def test_handler_string_follows_from_service_and_module(dev: Graph) -> None:
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
