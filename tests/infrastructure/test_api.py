"""The HTTP API of customers."""

import json

from infrastructure import topology
from tests.infrastructure.conftest import DOMAIN
from tests.infrastructure.graph import Graph, arn

ACCESS_LOG = "/aws/vendedlogs/orderbus-dev-api"
SCOPE = "aws.cognito.signin.user.admin"


def test_routes_invoke_the_live_version_of_their_function(dev: Graph) -> None:
    uris = {
        f"integrations/{each.logical_id}": each.properties["IntegrationUri"]
        for each in dev.of("ApiGatewayV2::Integration")
    }
    routes = {
        each.properties["RouteKey"]: uris[each.properties["Target"]] for each in dev.of("ApiGatewayV2::Route")
    }
    assert routes == {
        route: arn("lambda", f"function:orderbus-dev-{service.name}-api:live")
        for service in topology.SERVICES
        for route in (service.routes)
    }


def test_every_route_asks_for_an_access_token(dev: Graph) -> None:
    (authorizer,) = dev.of("ApiGatewayV2::Authorizer")
    for route in dev.of("ApiGatewayV2::Route"):
        assert route.properties["AuthorizationType"] == "JWT"
        assert route.properties["AuthorizerId"] == authorizer.logical_id
        assert route.properties["AuthorizationScopes"] == [SCOPE]


def test_tokens_come_from_the_user_pool_by_default(dev: Graph) -> None:
    (authorizer,) = dev.of("ApiGatewayV2::Authorizer")
    (pool,) = dev.of("Cognito::UserPool")
    (client,) = dev.of("Cognito::UserPoolClient")
    assert authorizer.properties["JwtConfiguration"] == {
        "Issuer": f"https://cognito-idp.eu-west-1.amazonaws.com/{pool.logical_id}",
        "Audience": [client.logical_id],
    }
    assert client.properties["GenerateSecret"] is False
    assert set(client.properties["ExplicitAuthFlows"]) == {
        "ALLOW_USER_PASSWORD_AUTH",
        "ALLOW_USER_SRP_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH",
    }


def test_customers_sign_in_only_by_srp_in_production(prod: Graph) -> None:
    (client,) = prod.of("Cognito::UserPoolClient")
    assert set(client.properties["ExplicitAuthFlows"]) == {"ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}


def test_sign_in_ignores_the_case_of_the_address(dev: Graph) -> None:
    (pool,) = dev.of("Cognito::UserPool")
    assert pool.properties["UsernameAttributes"] == ["email"]
    assert pool.properties["UsernameConfiguration"] == {"CaseSensitive": False}


def test_requests_are_throttled_as_the_stage_says(dev: Graph, prod: Graph) -> None:
    limits = []
    for graph in (dev, prod):
        (stage,) = graph.of("ApiGatewayV2::Stage")
        settings = stage.properties["DefaultRouteSettings"]
        limits.append((settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]))
    assert limits == [(50, 100), (500, 1000)]


def test_access_log_has_only_the_caller_as_personal_data(dev: Graph) -> None:
    (stage,) = dev.of("ApiGatewayV2::Stage")
    log = stage.properties["AccessLogSettings"]
    assert log["DestinationArn"] == arn("logs", f"log-group:{ACCESS_LOG}")
    fields = set(json.loads(log["Format"]).values())
    caller = {"$context.identity.sourceIp", "$context.authorizer.claims.sub"}
    personal = ("identity", "claims", "agent", "path", "header")
    assert {field for field in fields if any(word in field.lower() for word in personal)} == caller


def test_no_policy_for_people_reads_the_access_log(dev: Graph, prod: Graph) -> None:
    for graph, days in ((dev, 7), (prod, 30)):
        (group,) = (
            each for each in graph.of("Logs::LogGroup") if "vendedlogs" in each.properties["LogGroupName"]
        )
        assert group.properties["RetentionInDays"] == days
        policies = [each.properties["PolicyDocument"] for each in graph.of("IAM::ManagedPolicy")]
        assert policies
        assert "vendedlogs" not in json.dumps(policies)


def test_domain_is_the_only_address_when_set(dev: Graph, stripe: Graph) -> None:
    assert not dev.any_of("ApiGatewayV2::DomainName")
    (plain,), (api,) = dev.of("ApiGatewayV2::Api"), stripe.of("ApiGatewayV2::Api")
    assert "DisableExecuteApiEndpoint" not in plain.properties
    assert api.properties["DisableExecuteApiEndpoint"] is True
    (domain,) = stripe.of("ApiGatewayV2::DomainName")
    assert domain.properties["DomainName"] == DOMAIN["name"]
    (configuration,) = domain.properties["DomainNameConfigurations"]
    assert configuration["CertificateArn"] == DOMAIN["certificate_arn"]
    assert configuration["SecurityPolicy"] == "TLS_1_2"
    (mapping,) = stripe.of("ApiGatewayV2::ApiMapping")
    assert mapping.properties["Stage"] == "$default"
    outputs = stripe.templates["orderbus-dev-api"]["Outputs"]
    assert outputs["ApiUrl"]["Value"] == f"https://{DOMAIN['name']}"
    assert "ApiDomainTarget" in outputs


def test_only_the_api_may_invoke_its_functions(dev: Graph) -> None:
    for permission in dev.of("Lambda::Permission"):
        if permission.properties["FunctionName"].endswith(("-deadlines:live", "-reconciliation:live")):
            continue  # the clock's: test_routing.py
        assert permission.properties["Principal"] == "apigateway.amazonaws.com"
        assert permission.properties["SourceArn"].startswith(arn("execute-api", "OrderApi"))
