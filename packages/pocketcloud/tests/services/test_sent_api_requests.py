"""API destinations on this machine: OAuth tokens, failures and retries over real HTTP.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html
"""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from small_world import World, cloud_event, entry


class Hub(ThreadingHTTPServer):
    """An OAuth server and an endpoint that accepts only its newest token."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.statuses: list[int] = []
        """Status codes of the next requests to the endpoint; then 201."""
        self.token_status = 200
        self.tokens, self.accepted = 0, 0
        self.received: list[dict[str, Any]] = []
        self.delay = threading.Event()
        """Clear: the endpoint waits for it before it responds."""
        self.delay.set()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def stop(self) -> None:
        self.delay.set()
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Hub

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        status, response = self._grant(body) if self.path == "/token" else self._accept(body)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(response).encode())

    def _grant(self, body: str) -> tuple[int, dict[str, Any]]:
        form = {name: values[0] for name, values in parse_qs(body).items()}
        expected = {"grant_type": "client_credentials", "client_id": "id", "client_secret": "secret"}
        assert form == {**expected, "scope": "hub"}
        if self.server.token_status != 200:
            return self.server.token_status, {}
        self.server.tokens += 1
        return 200, {"access_token": f"t{self.server.tokens}", "expires_in": 3600}

    def _accept(self, body: str) -> tuple[int, dict[str, Any]]:
        self.server.delay.wait(30)
        if self.headers["Authorization"] != f"Bearer t{self.server.tokens}":
            return 401, {}
        status = self.server.statuses.pop(0) if self.server.statuses else 201
        if status < 300:
            self.server.received.append(json.loads(body))
        return status, {}

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A started hub, stopped after the test."""
    started = Hub()
    yield started
    started.stop()


def route(world: World, url: str, **target: Any) -> None:
    """Send every order event to the hub."""
    events = world.cloud.client("events")
    oauth = {
        "AuthorizationEndpoint": f"{url}/token",
        "ClientParameters": {"ClientID": "id", "ClientSecret": "secret"},
        "HttpMethod": "POST",
        "OAuthHttpParameters": {"BodyParameters": [{"Key": "scope", "Value": "hub"}]},
    }
    connection = events.create_connection(
        Name="hub", AuthorizationType="OAUTH_CLIENT_CREDENTIALS", AuthParameters={"OAuthParameters": oauth}
    )
    arn = events.create_api_destination(
        Name="hub",
        ConnectionArn=connection["ConnectionArn"],
        HttpMethod="POST",
        InvocationEndpoint=f"{url}/messages",
    )["ApiDestinationArn"]
    sent = {"Arn": arn, "RoleArn": world.role(), "InputPath": "$.detail", **target}
    world.rule("all", {"source": ["orders"]}, sent)


def put(world: World) -> None:
    world.cloud.put_events([entry()])
    world.cloud.settle()


def test_event_is_sent_with_a_fetched_token(world: World, hub: Hub) -> None:
    route(world, hub.url)
    put(world)
    put(world)
    assert hub.received == [cloud_event(), cloud_event()]
    assert hub.tokens == 1
    assert world.cloud.undelivered == []


def test_token_is_renewed_before_it_expires(world: World, hub: Hub) -> None:
    route(world, hub.url)
    put(world)
    world.cloud.advance(minutes=59)
    put(world)
    assert (len(hub.received), hub.tokens) == (2, 2)
    assert len(world.cloud.api_destinations.requests) == 2


def test_token_is_renewed_when_the_endpoint_rejects_it(world: World, hub: Hub) -> None:
    route(world, hub.url)
    put(world)
    hub.tokens += 1  # the endpoint expects another one now
    put(world)
    assert (len(hub.received), hub.tokens) == (2, 3)
    assert world.cloud.undelivered == []


@pytest.mark.parametrize(("statuses", "lost"), [([503, 429], 0), ([404], 1)])
def test_endpoint_error_is_retried_only_when_temporary(
    world: World, hub: Hub, statuses: list[int], lost: int
) -> None:
    hub.statuses = statuses
    route(world, hub.url)
    put(world)
    assert len(hub.received) == 1 - lost
    assert len(world.cloud.undelivered) == lost


def test_event_arrives_once_when_the_endpoint_was_down(world: World, hub: Hub) -> None:
    port = hub.server_port
    hub.stop()
    route(world, f"http://127.0.0.1:{port}")
    world.cloud.put_events([entry()])
    world.cloud.advance(minutes=60)
    assert world.cloud.undelivered == []
    again = Hub(port)
    try:
        world.cloud.settle()
        assert again.received == [cloud_event()]
    finally:
        again.stop()


def test_slow_response_counts_as_failure(world: World, hub: Hub) -> None:
    hub.delay.clear()
    world.cloud.api_destinations.timeout_seconds = 0.2
    route(world, hub.url, RetryPolicy={"MaximumRetryAttempts": 1})
    put(world)
    (lost,) = world.cloud.undelivered
    assert "did not respond" in lost.reason
    assert len(world.cloud.api_destinations.requests) == 2


def test_event_is_dead_lettered_when_credentials_are_invalid(world: World, hub: Hub) -> None:
    hub.token_status = 401
    route(world, hub.url)
    put(world)
    (lost,) = world.cloud.undelivered
    assert "/token returned status 401" in lost.reason
    assert world.cloud.api_destinations.requests == []


def test_https_is_rejected_when_the_address_is_loopback(world: World, hub: Hub) -> None:
    route(world, hub.url.replace("http:", "https:"))
    put(world)
    (lost,) = world.cloud.undelivered
    assert "is not http:// with a loopback address" in lost.reason
