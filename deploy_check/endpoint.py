"""The endpoint: MiniStack, on 127.0.0.1 alone, in a folder of its own, ended with everything it started."""

import os
import socket
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3

from deploy_check.certificate import Certificate
from deploy_check.command import end
from deploy_check.failure import CheckError
from deploy_check.interpreter import ROOT, Interpreter

ACCOUNT, REGION = "123456789012", "eu-west-1"
HOST = "127.0.0.1"
Key = tuple[str, str]
"""An access key's id and its secret."""
ROOT_KEY: Key = (ACCOUNT, "none")
"""The endpoint takes the account's number for its root's key, and any secret with it."""
READY_WITHIN = 30.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A running endpoint, and how programs and clients reach it."""

    port: int
    folder: Path
    process_id: int
    certificate: Certificate | None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"{'https' if self.certificate else 'http'}://{HOST}:{self.port}"

    @property
    def trust(self) -> ssl.SSLContext | None:
        """What a client of our own trusts: this endpoint's certificate, and none else."""
        return ssl.create_default_context(cafile=self.certificate.certificate) if self.certificate else None

    def environment(self) -> dict[str, str]:
        """The whole environment of a program that talks to it: no credentials or settings of yours."""
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
        """A boto3 client of the deployed account, as its root unless another access key is given."""
        return _client(
            service, key, self.url, str(self.certificate.certificate) if self.certificate else None
        )


@cache
def _client(service: str, key: Key, url: str, trusted: str | None) -> Any:  # noqa: ANN401 - as above
    session = boto3.Session(*key, region_name=REGION)
    return session.client(service, endpoint_url=url, verify=trusted)  # type: ignore[call-overload]  # any service


@contextmanager
def running(
    interpreter: Interpreter, folder: Path, *, certificate: Certificate | None, keep: bool
) -> Iterator[Endpoint]:
    """An endpoint that answers, and enforces IAM where there is a certificate; it ends with the context.

    One to be kept ends only if the context is left by an exception, such as Ctrl-C.
    """
    port = _free_port()
    log = folder / "endpoint.log"
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603 - a program of our own environment
            _command(interpreter, port, certificate),
            env=_server_environment(folder, port, certificate),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # so that its workers can be ended with it
        )
    endpoint = Endpoint(port, folder, process.pid, certificate)
    try:
        _wait_until_ready(endpoint, process, log)
        yield endpoint
    except BaseException:
        end(process)
        raise
    if not keep:
        end(process)


def _command(interpreter: Interpreter, port: int, certificate: Certificate | None) -> tuple[str, ...]:
    """As `ministack --detach` starts it; `ministack` itself takes port 443 as well once it speaks TLS."""
    program = str(interpreter.programs / "hypercorn")
    plain = (program, "ministack.app:app", "--bind", f"{HOST}:{port}", "--keep-alive", "75")
    if certificate is None:
        return plain
    return (*plain, "--certfile", str(certificate.certificate), "--keyfile", str(certificate.key))


def _server_environment(folder: Path, port: int, certificate: Certificate | None) -> dict[str, str]:
    """Nothing of ours: the endpoint hands its whole environment on to the functions."""
    plain = {
        "PATH": os.defpath,
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": HOST,
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "IOT_MTLS_ENABLED": "0",  # or it listens for MQTT on every interface
    }
    if certificate is None:
        return plain
    trusted = str(certificate.certificate)
    return {
        **plain,
        "AUTH": "true",
        "USE_SSL": "1",
        "MINISTACK_SSL_CERT": trusted,
        "MINISTACK_SSL_KEY": str(certificate.key),
        "AWS_CA_BUNDLE": trusted,
        "SSL_CERT_FILE": trusted,
    }


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as held:
        return int(held.getsockname()[1])


def _wait_until_ready(endpoint: Endpoint, process: "subprocess.Popen[str]", log: Path) -> None:
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        if _answers(endpoint):
            return
        time.sleep(0.1)
    words = "\n".join(log.read_text().splitlines()[-20:])
    raise CheckError(f"the endpoint did not answer within {READY_WITHIN:.0f} s:\n{words}")


def _answers(endpoint: Endpoint) -> bool:
    try:
        with urllib.request.urlopen(  # noqa: S310 - our own http(s) address
            f"{endpoint.url}/_ministack/health", timeout=2, context=endpoint.trust
        ) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's OK
    except OSError:
        return False
