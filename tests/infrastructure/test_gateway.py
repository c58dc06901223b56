"""The payment gateway is the stage's choice, with only the resources that it needs."""

from tests.infrastructure.graph import Graph, arn, every

FUNCTIONS = {f"orderbus-dev-payments{part}" for part in ("", "-reconciliation", "-webhooks")}
WEBHOOKS = "POST /webhooks/payments"
READING = "secretsmanager:GetSecretValue"


def readers(graph: Graph) -> dict[str, list[str]]:
    """Return the roles that may read secrets, and which ones."""
    return {
        owner: every(line["Resource"]) for owner, line in graph.roles() if READING in every(line["Action"])
    }


def environment(graph: Graph, function: str) -> dict[str, str]:
    variables: dict[str, str] = graph.named("Lambda::Function", function).properties["Environment"][
        "Variables"
    ]
    return variables


def test_simulated_gateway_has_a_table_and_no_secret(dev: Graph) -> None:
    assert "orderbus-dev-gateway" in {table.name for table in dev.of("DynamoDB::Table")}
    assert dev.any_of("SecretsManager::Secret") == []
    assert readers(dev) == {}


def test_stripe_has_a_secret_and_no_table(stripe: Graph) -> None:
    (secret,) = stripe.of("SecretsManager::Secret")
    assert secret.name == "orderbus-dev-payment-gateway"
    assert "orderbus-dev-gateway" not in {table.name for table in stripe.of("DynamoDB::Table")}
    for owner, line in stripe.roles():
        assert not [
            each for each in every(line["Resource"]) if each.endswith("table/orderbus-dev-gateway")
        ], owner


def test_only_payments_reads_the_secret(stripe: Graph) -> None:
    (secret,) = stripe.of("SecretsManager::Secret")
    assert readers(stripe) == {function: [secret.name] for function in FUNCTIONS}


def test_secret_value_is_nowhere_in_the_templates(stripe: Graph) -> None:
    (secret,) = stripe.of("SecretsManager::Secret")
    assert not {"SecretString", "GenerateSecretString"} & secret.properties.keys()
    for function in FUNCTIONS:
        variables = environment(stripe, function)
        assert variables["PAYMENT_GATEWAY"] == "stripe"
        assert variables["STRIPE_URL"] == "https://api.stripe.com"
        assert variables["PAYMENT_SECRET"] == secret.name
        assert "GATEWAY_TABLE" not in variables


def test_only_payments_has_gateway_settings(stripe: Graph) -> None:
    for function in stripe.of("Lambda::Function"):
        variables = {
            name for name in environment(stripe, function.name) if "PAYMENT" in name or "STRIPE" in name
        }
        assert bool(variables) == (function.name in FUNCTIONS)


def test_only_the_webhook_route_needs_no_token(dev: Graph, stripe: Graph) -> None:
    """The provider signs it instead (docs/decisions/0019); the simulated gateway sends none."""
    kinds = {
        each.properties["RouteKey"]: each.properties["AuthorizationType"]
        for each in stripe.of("ApiGatewayV2::Route")
    }
    assert {route for route, kind in kinds.items() if kind != "JWT"} == {WEBHOOKS}
    assert kinds[WEBHOOKS] == "NONE"
    assert WEBHOOKS not in {each.properties["RouteKey"] for each in dev.of("ApiGatewayV2::Route")}


def test_webhook_route_invokes_the_live_function(
    stripe: Graph,
) -> None:
    (route,) = [each for each in stripe.of("ApiGatewayV2::Route") if each.properties["RouteKey"] == WEBHOOKS]
    (integration,) = [
        each
        for each in stripe.of("ApiGatewayV2::Integration")
        if route.properties["Target"] == f"integrations/{each.logical_id}"
    ]
    assert integration.properties["IntegrationUri"] == arn(
        "lambda", "function:orderbus-dev-payments-webhooks:live"
    )
    tables = arn("dynamodb", "table/orderbus-dev-attempts")
    assert [
        set(every(line["Action"]))
        for owner, line in stripe.roles()
        if owner == "orderbus-dev-payments-webhooks" and tables in every(line["Resource"])
    ] == [{"dynamodb:GetItem", "dynamodb:UpdateItem"}]


def test_unexpected_money_fires_an_alarm(stripe: Graph) -> None:
    names = {alarm.name for alarm in stripe.of("CloudWatch::Alarm")}
    assert {
        "orderbus-dev-payments-payment-unexpected",
        "orderbus-dev-payments-refund-unexpected",
        "orderbus-dev-payments-refund-failed",
    } <= names
