"""All HTTP endpoints of a cloud, HTTP APIs, REST APIs and function URLs: the host header selects one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from joserfc.jwk import KeySetSerialization

from pocketcloud.apigateway.function_urls import FunctionUrls, deployed_function_urls
from pocketcloud.apigateway.http_api import HttpApi, UnsupportedHttpApiError, deployed_apis
from pocketcloud.apigateway.http_message import HttpRequest, Reply
from pocketcloud.apigateway.rest_store import deployed_rest_apis

if TYPE_CHECKING:
    from collections.abc import Callable

    from moto.apigateway.models import RestAPI
    from moto.awslambda.models import LambdaFunction

    from pocketcloud.apigateway.endpoint_cloud import EndpointCloud
    from pocketcloud.apigateway.rest_api import RestApis


@dataclass(frozen=True, slots=True)
class EndpointAddress:
    """The address of one endpoint of the served cloud."""

    kind: str
    name: str
    url: str


class HttpEndpoints:
    """Passes each request to the endpoint that the host header names, or to the only one."""

    def __init__(
        self, cloud: "EndpointCloud", *, issuers: Mapping[str, KeySetSerialization] | None = None
    ) -> None:
        self._cloud = cloud
        self._http = HttpApi(cloud, issuers=issuers)
        self._urls = FunctionUrls(cloud)
        self._rest: RestApis | None = None

    def request(  # noqa: PLR0913 - an HTTP request has that many parts
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        customer: str | None = None,
    ) -> Reply:
        """Send a request; sign in as the user `customer` where the endpoint asks for it."""
        request = HttpRequest.of(method, path, payload=json, body=body, headers=headers or {})
        if customer is not None:
            self._sign_in(request, customer)
        return self.handle(request)

    def handle(self, request: HttpRequest) -> Reply:
        """Handle a raw request."""
        selected = self._selected(request)
        return self._http.handle(request) if selected is None else selected[0](request)

    def allows_origin(self, request: HttpRequest) -> bool:
        """Return whether the endpoint's CORS configuration allows the page that sent the request.

        A REST API has none: its methods respond to preflights. So only pages of this machine use it.
        """
        selected = self._selected(request)
        if selected is None:
            return self._http.allows_origin(request)
        _, _, function = selected
        origin = request.headers.get("origin")
        return function is not None and origin is not None and self._urls.cors(function).allows(origin)

    def addresses(self, base_url: str) -> Iterator[EndpointAddress]:
        """Yield the address of each endpoint; several differ in their host."""
        rest, urls, http = deployed_rest_apis(), deployed_function_urls(), deployed_apis()
        several = len(rest) + len(urls) + len(http) > 1
        port = base_url.rpartition(":")[2]

        def place(name: str) -> str:
            return f"http://{name}.localhost:{port}" if several else base_url

        for name, api in http.items():
            yield EndpointAddress("HTTP API", str(api.name), place(name))
        for name, rest_api in rest.items():
            for stage in rest_api.stages:
                yield EndpointAddress("REST API", rest_api.name, f"{place(name)}/{stage}/")
        for name, function in urls.items():
            yield EndpointAddress("Function URL", str(function.function_name), f"{place(name)}/")

    def _selected(
        self, request: HttpRequest
    ) -> "tuple[Callable[[HttpRequest], Reply], RestAPI | None, LambdaFunction | None] | None":
        """Return what handles the request, with the REST API or the function; None for an HTTP API."""
        rest, urls = deployed_rest_apis(), deployed_function_urls()
        if not rest and not urls:
            return None
        http = deployed_apis()
        names = [*http, *rest, *urls]
        label = request.headers.get("host", "").partition(".")[0].lower()
        if label not in names and len(names) > 1:
            raise UnsupportedHttpApiError(
                f"{len(names)} HTTP endpoints are deployed; set the host header to <id>.…, one of:"
                f" {', '.join(names)}"
            )
        name = label if label in names else names[0]
        if name in rest:
            return partial(self._rest_apis().handle, api=rest[name]), rest[name], None
        if name in urls:
            return partial(self._urls.handle, function=urls[name]), None, urls[name]
        return None

    def _rest_apis(self) -> "RestApis":
        from pocketcloud.apigateway.rest_api import RestApis  # noqa: PLC0415 - only a stack with a REST API needs it

        self._rest = self._rest or RestApis(self._cloud)
        return self._rest

    def _sign_in(self, request: HttpRequest, customer: str) -> None:
        selected = self._selected(request)
        if selected is None:
            self._http.sign_in(request, customer)
            return
        _, rest, _ = selected
        if rest is not None:
            self._sign_in_to_rest_api(request, rest, customer)

    def _sign_in_to_rest_api(self, request: HttpRequest, api: "RestAPI", customer: str) -> None:
        """Add the user's token unless the request has one or the method needs none."""
        method = self._rest_apis().method_of(request, api)
        authorizer = method.authorizer if method else None
        if method is None or authorizer is None or authorizer.kind != "COGNITO_USER_POOLS":
            return
        from pocketcloud.apigateway.tokens import pool_token  # noqa: PLC0415 - slow import of Cognito

        header = authorizer.identity_sources[0].rpartition(".")[2]
        if header not in request.headers:
            request.headers[header] = pool_token(authorizer.pools, customer, method.scopes)
