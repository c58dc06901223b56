"""The target of a command: an AWS account with the user's settings, or the offline cloud."""

import os
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from typer.testing import CliRunner

from cli.core.account import IS_IT_UP, Account, Target
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.main import app

ORDER = "00000000-0000-4000-8000-000000000000"
COMMANDS = [
    ["status"],
    ["status", "--watch"],
    ["smoke"],
    ["trace", ORDER],
    ["stock", "ls"],
    ["stock", "set", "CUP", "3"],
    ["dlq", "ls"],
    ["dlq", "log"],
    ["orders", "ls"],
    ["views", "sales", "2026-11-23"],
    ["views", "rebuild", "--yes"],
    ["events", "tail", "--no-follow"],
    ["replay", "payments", "--since", "2h"],
    ["republish", "--order", ORDER],
]


class Stranger(BaseHTTPRequestHandler):
    """A server that is not AWS; the test sets its response."""

    status = 200
    content_type = "application/json"
    body = b"{}"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"] or 0))
        self.send_response(self.status)
        self.send_header("content-type", self.content_type)
        self.send_header("content-length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - as the base class names it
        """Print nothing."""


@pytest.fixture
def handler() -> type[Stranger]:
    return type("Responding", (Stranger,), {})


@pytest.fixture
def url(handler: type[Stranger]) -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_command_reports_a_target_that_is_not_aws(command: list[str], url: str) -> None:
    result = CliRunner().invoke(app, [*command, "--target", "offline", "--endpoint-url", url])
    assert result.exit_code == ExitCode.AWS_REFUSED
    sentence, hint, *_ = result.stderr.splitlines()
    assert sentence == f"The server at {url} is not AWS: its response has no request id."
    assert IS_IT_UP in hint


@pytest.mark.parametrize(
    ("status", "content_type", "body"),
    [
        (200, "text/html", b"<html>Welcome</html>"),
        (200, "application/json", b"[1]"),
        (200, "text/plain", b""),
        (200, "application/x-amz-json-1.0", b"{}"),
        (404, "application/json", b"[1]"),
        (302, "text/html", b"<html>Moved</html>"),
    ],
)
def test_response_without_a_request_id_is_not_aws(
    url: str, handler: type[Stranger], status: int, content_type: str, body: bytes
) -> None:
    handler.status, handler.content_type, handler.body = status, content_type, body
    for command in (["stock", "ls"], ["status"]):
        result = CliRunner().invoke(app, [*command, "--target", "offline", "--endpoint-url", url])
        assert (result.exit_code, result.stdout) == (ExitCode.AWS_REFUSED, "")
        assert f"The server at {url} is not AWS" in result.stderr


SHELL = {
    "AWS_PROFILE": "nobody",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_MAX_ATTEMPTS": "many",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "http_proxy": "http://127.0.0.1:9",
}


def test_offline_target_ignores_the_shells_settings(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SHELL.items():
        monkeypatch.setenv(name, value)
    before = dict(os.environ)
    result = CliRunner().invoke(app, ["stock", "ls", "--target", "offline", "--endpoint-url", url])
    assert result.stderr.startswith(f"The server at {url} is not AWS")
    assert dict(os.environ) == before


def test_aws_target_keeps_the_shells_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "of-this-shell")
    result = CliRunner().invoke(app, ["stock", "ls", "--stage", "profiled"])
    assert result.exit_code == ExitCode.AWS_REFUSED
    assert result.stderr.startswith("The config profile (of-this-shell) could not be found")


def test_target_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERBUS_TARGET", "offline")
    result = CliRunner().invoke(app, ["stock", "ls", "--profile", "work"])
    assert result.stderr.startswith("--profile cannot be used with --target offline.")
    monkeypatch.setenv("ORDERBUS_TARGET", "mars")
    result = CliRunner().invoke(app, ["stock", "ls"])
    assert result.exit_code == ExitCode.USAGE
    assert "'mars' is not one of 'aws', 'offline'" in re.sub(r"[\s│]+", " ", result.stderr)


def test_version_is_the_packages() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.stdout) == (ExitCode.OK, "orderbus 0.1.0\n")


@pytest.mark.parametrize(
    "address",
    [
        "nonsense",
        "http://",
        "http://[::1",
        "ftp://127.0.0.1",
        "http://127.0.0.1:99999",
        "http://a:b",
        "http://a:0",
    ],
)
@pytest.mark.parametrize("target", Target)
def test_address_that_is_not_http_is_a_usage_error(address: str, target: Target) -> None:
    with pytest.raises(CommandError, match="is not an HTTP address") as refused:
        Account.of(stage="dev", target=target, endpoint_url=address)
    assert refused.value.code == ExitCode.USAGE
    assert refused.value.hint == "Use an address like http://127.0.0.1:4566."
