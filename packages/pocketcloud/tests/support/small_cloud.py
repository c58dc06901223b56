"""A minimal cloud for the HTTP API, and helpers to deploy APIs into moto."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pocketcloud.apigateway.tokens import Tokens
from pocketcloud.cloudwatch.metrics import Metrics
from pocketcloud.iam.access import AccessControl
from pocketcloud.iam.access_request import AccountRegion
from pocketcloud.virtual_time.clock import Clock

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
REGION = "eu-west-1"
ISSUER = "https://login.example.com"
FUNCTION_ARN = f"arn:aws:lambda:{REGION}:123456789012:function:shop-orders-api"


@dataclass(frozen=True)
class Result:
    payload: Any
    error: object | None = None


@dataclass
class SmallCloud:
    """A stand-in for the offline cloud, with one function that the test sets."""

    session: Any
    clock: Clock = field(default_factory=lambda: Clock(NOON))
    respond: Callable[[dict[str, Any]], Result] = lambda _event: Result({"statusCode": 204})
    invoked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    sources: list[str] = field(default_factory=list)
    """Source ARN of each invocation."""

    def __post_init__(self) -> None:
        self.metrics = Metrics(self.clock)
        self.access = AccessControl(self.clock, AccountRegion("123456789012", REGION))

    def client(self, service: str, *, role: str | None = None) -> Any:
        assert role is None
        return self.session.client(service)

    def invoke(self, function_name: str, payload: dict[str, Any], *, source_arn: str | None = None) -> Result:
        self.sources.append(str(source_arn))
        self.invoked.append((function_name, payload))
        return self.respond(payload)

    def token(self, user: str) -> str:
        return Tokens(self).token(user)

    @property
    def event(self) -> dict[str, Any]:
        """The event of the only invocation."""
        ((_, event),) = self.invoked
        return event


def deploy_api(cloud: SmallCloud, *routes: str, stage: str = "$default", **security: str) -> str:
    """Create an HTTP API with these routes to the function; return its id."""
    gateway = cloud.client("apigatewayv2")
    api: str = gateway.create_api(Name="orders", ProtocolType="HTTP")["ApiId"]
    integration = gateway.create_integration(
        ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=FUNCTION_ARN, PayloadFormatVersion="2.0"
    )["IntegrationId"]
    gateway.create_stage(ApiId=api, StageName=stage)
    for route in routes:
        gateway.create_route(ApiId=api, RouteKey=route, Target=f"integrations/{integration}", **security)
    return api


def trust(cloud: SmallCloud, api: str, issuer: str, audience: str, *scopes: str) -> None:
    """Add a JWT authorizer to every route of the API."""
    gateway = cloud.client("apigatewayv2")
    authorizer = gateway.create_authorizer(
        ApiId=api,
        Name="jwt",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": issuer, "Audience": [audience]},
    )["AuthorizerId"]
    for route in gateway.get_routes(ApiId=api)["Items"]:
        gateway.update_route(
            ApiId=api,
            RouteId=route["RouteId"],
            AuthorizationType="JWT",
            AuthorizerId=authorizer,
            AuthorizationScopes=list(scopes),
        )
