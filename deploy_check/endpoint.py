"""An endpoint on 127.0.0.1, in a temporary folder, ended with all its children."""

import os
import socket
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

import boto3

from deploy_check.certificate import Certificate
from deploy_check.failure import CheckError
from deploy_check.interpreter import ROOT
from deploy_check.program import end

ACCOUNT, REGION = "123456789012", "eu-west-1"
HOST = "127.0.0.1"
Key = tuple[str, str]
"""An access key's id and secret."""
ROOT_KEY: Key = (ACCOUNT, "none")
"""The root key of MiniStack and LocalEmu: the account id with any secret."""
READY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A running endpoint, with settings for programs and clients."""

    port: int
    folder: Path
    process_id: int
    certificate: Certificate | None

    @property
    def url(self) -> str:
        """Return its address."""
        return f"{'https' if self.certificate else 'http'}://{HOST}:{self.port}"

    @property
    def trust(self) -> ssl.SSLContext | None:
        """Return a TLS context that trusts only this endpoint's certificate."""
        return ssl.create_default_context(cafile=self.certificate.certificate) if self.certificate else None

    def environment(self) -> dict[str, str]:
        """Return the whole environment of a client program, without your credentials and settings."""
        trusted = {"NODE_EXTRA_CA_CERTS", "AWS_CA_BUNDLE"} if self.certificate else set()
        return {
            "PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder),
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": ROOT_KEY[0],
            "AWS_SECRET_ACCESS_KEY": ROOT_KEY[1],
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "CDK_DISABLE_CLI_TELEMETRY": "1",
            "CI": "true",
            **{name: str(self.certificate.certificate) for name in trusted if self.certificate},
        }

    def client(self, service: str, key: Key = ROOT_KEY) -> Any:  # noqa: ANN401 - boto3's clients share no type
        """Return a boto3 client of the account, as root unless another access key is given."""
        return _client(
            service, key, self.url, str(self.certificate.certificate) if self.certificate else None
        )


@cache
def _client(service: str, key: Key, url: str, trusted: str | None) -> Any:  # noqa: ANN401 - as above
    session = boto3.Session(*key, region_name=REGION)
    return session.client(service, endpoint_url=url, verify=trusted)  # type: ignore[call-overload]  # any service


@dataclass(frozen=True, slots=True)
class Server:
    """A program that serves AWS's APIs on a port of 127.0.0.1."""

    command: tuple[str, ...]
    environment: dict[str, str]
    """Its whole environment: it passes its own on to functions."""
    health: str
    """The path that responds with 200 once it is ready."""


@contextmanager
def run_endpoint(
    server_at: Callable[[int], Server], folder: Path, *, certificate: Certificate | None = None, keep: bool
) -> Iterator[Endpoint]:
    """Run the server of a free port in a context; a certificate is the one that it serves.

    With `keep`, it ends only if an exception leaves the context, such as Ctrl-C.
    """
    port = _free_port()
    server, log = server_at(port), folder / "endpoint.log"
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603 - a program of our own environment
            server.command,
            env=server.environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # to end it with its workers
        )
    endpoint = Endpoint(port, folder, process.pid, certificate)
    try:
        _wait_until_ready(endpoint, server.health, process, log)
        yield endpoint
    except BaseException:
        end(process)
        raise
    if not keep:
        end(process)


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as server:
        return int(server.getsockname()[1])


def _wait_until_ready(endpoint: Endpoint, health: str, process: "subprocess.Popen[str]", log: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        if _is_ready(endpoint, health):
            return
        time.sleep(0.1)
    lines = "\n".join(log.read_text().splitlines()[-20:])
    raise CheckError(f"the endpoint was not ready within {READY_SECONDS:.0f} s:\n{lines}")


def _is_ready(endpoint: Endpoint, health: str) -> bool:
    try:
        with urllib.request.urlopen(  # noqa: S310 - our own http(s) address
            f"{endpoint.url}{health}", timeout=2, context=endpoint.trust
        ) as response:
            return bool(response.status == HTTPStatus.OK)
    except OSError:
        return False
