"""A developer's AWS settings neither break the offline cloud nor send its requests anywhere else."""

import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import boto3
import pytest
from moto import settings

import pocketcloud
from pocketcloud import OfflineCloud

CONFIGURED = """\
[default]
region = us-west-2
endpoint_url = {url}
services = elsewhere
[services elsewhere]
sqs =
  endpoint_url = {url}
"""


class Elsewhere(BaseHTTPRequestHandler):
    """Another endpoint: it counts requests and refuses them."""

    seen: list[str]

    def do_POST(self) -> None:
        self.seen.append(self.path)
        self.send_error(500)

    do_GET = do_PUT = do_POST  # noqa: N815 - the base class names them so

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - as the base class names it
        """Print nothing."""


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    seen: list[str] = []
    server = HTTPServer(("127.0.0.1", 0), type("Counting", (Elsewhere,), {"seen": seen}))
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", seen
    server.shutdown()
    server.server_close()


SETTINGS = {
    "a profile that does not exist": {"AWS_PROFILE": "nobody"},
    "a default profile": {"AWS_DEFAULT_PROFILE": "nobody"},
    "another endpoint": {"AWS_ENDPOINT_URL": "{url}"},
    "another endpoint of one service": {"AWS_ENDPOINT_URL_SQS": "{url}"},
    "a configuration file": {"AWS_CONFIG_FILE": "{config}"},
    "FIPS endpoints": {"AWS_USE_FIPS_ENDPOINT": "true"},
    "dual-stack endpoints": {"AWS_USE_DUALSTACK_ENDPOINT": "true"},
    "a role's web identity": {
        "AWS_ROLE_ARN": "arn:aws:iam::1:role/r",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/none",
    },
    "a session": {"AWS_SESSION_TOKEN": "x", "AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "us-west-2"},
    "modes without a meaning": {"AWS_RETRY_MODE": "none", "AWS_DEFAULTS_MODE": "none"},
    "attempts without a number": {"AWS_MAX_ATTEMPTS": "many"},
    "another signature": {"AWS_SIGV4A_SIGNING_REGION_SET": "*", "AWS_AUTH_SCHEME_PREFERENCE": "sigv4a"},
    "certificates that are not there": {"AWS_CA_BUNDLE": "/nonexistent"},
    "a proxy": {"HTTPS_PROXY": "{url}", "HTTP_PROXY": "{url}", "https_proxy": "{url}"},
    "another account of moto": {"MOTO_ACCOUNT_ID": "999999999999"},
    "a mode of moto": {"TEST_PROXY_MODE": "true"},
}


@pytest.mark.parametrize("variables", SETTINGS.values(), ids=SETTINGS)
def test_the_cloud_ignores_the_shell_s_aws_settings(
    variables: dict[str, str],
    elsewhere: tuple[str, list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url, seen = elsewhere
    config = tmp_path / "config"
    config.write_text(CONFIGURED.format(url=url))
    for name, value in variables.items():
        monkeypatch.setenv(name, value.format(url=url, config=config))
    before = dict(os.environ)
    with OfflineCloud() as cloud:
        queue = cloud.client("sqs").create_queue(QueueName="work")["QueueUrl"]
        identity = boto3.client("sts").get_caller_identity()  # as a function asks: by the environment alone
        buses = boto3.client("events").list_event_buses()["EventBuses"]
    assert queue == "https://sqs.eu-west-1.amazonaws.com/123456789012/work"
    assert identity["Account"] == "123456789012"
    assert buses[0]["Arn"] == "arn:aws:events:eu-west-1:123456789012:event-bus/default"
    assert seen == []
    assert dict(os.environ) == before


def test_the_cloud_ignores_service_models_in_the_home_folder(tmp_path: Path) -> None:
    models = tmp_path / ".aws" / "models" / "sqs" / "2012-11-05"
    models.mkdir(parents=True)
    (models / "service-2.json").write_text("{")
    script = (
        "from pocketcloud import OfflineCloud; OfflineCloud().client('sqs').create_queue(QueueName='work')"
    )
    environment = {**os.environ, "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)  # noqa: S603 - our own


def test_the_tests_pass_in_a_developer_s_shell() -> None:
    path = Path(__file__).parents[1] / "cloudformation" / "test_deployment.py"
    settings = {"AWS_PROFILE": "nobody", "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "FORCE_COLOR": "1"}
    test = f"{path}::test_deployment_reports_each_resource"
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", test]
    done = subprocess.run(  # noqa: S603 - our own
        command, env={**os.environ, **settings}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_cloud_stays_in_process_when_moto_has_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "TEST_SERVER_MODE", True)
    monkeypatch.setattr(settings, "INITIAL_NO_AUTH_ACTION_COUNT", 0)
    with OfflineCloud() as cloud:
        assert cloud.client("sqs").list_queues().get("QueueUrls") is None
    assert settings.TEST_SERVER_MODE


def test_the_cloud_restores_aws_settings_and_keeps_other_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "work")
    monkeypatch.delenv("SHOP", raising=False)
    with OfflineCloud():
        assert "AWS_PROFILE" not in os.environ
        monkeypatch.setenv("SHOP", "open")
    assert (os.environ["AWS_PROFILE"], os.environ["SHOP"]) == ("work", "open")
    assert "AWS_SECRET_ACCESS_KEY" not in os.environ


def test_package_loads_moto_only_when_cloud_is_named() -> None:
    script = (
        "import pocketcloud, pocketcloud.core.process_environment, sys;"
        "assert 'moto' not in sys.modules; pocketcloud.OfflineCloud"
    )
    subprocess.run([sys.executable, "-c", script], check=True)  # noqa: S603 - our own


def test_the_package_has_every_name_that_it_lists() -> None:
    assert [name for name in pocketcloud.__all__ if not hasattr(pocketcloud, name)] == []
    assert not hasattr(pocketcloud, "OnlineCloud")
