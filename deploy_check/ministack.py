"""MiniStack, the endpoint that runs functions, with IAM or without it."""

import os
from pathlib import Path

from deploy_check.certificate import Certificate
from deploy_check.endpoint import ACCOUNT, HOST, REGION, Server
from deploy_check.interpreter import Interpreter


def ministack(interpreter: Interpreter, folder: Path, certificate: Certificate | None, port: int) -> Server:
    """Return the server; with a certificate, it enforces IAM."""
    return Server(
        _command(interpreter, port, certificate),
        _environment(folder, port, certificate),
        "/_ministack/health",
    )


def _command(interpreter: Interpreter, port: int, certificate: Certificate | None) -> tuple[str, ...]:
    """Return the command of `ministack --detach`; `ministack` itself also binds port 443 with TLS."""
    program = str(interpreter.programs / "hypercorn")
    plain = (program, "ministack.app:app", "--bind", f"{HOST}:{port}", "--keep-alive", "75")
    if certificate is None:
        return plain
    return (*plain, "--certfile", str(certificate.certificate), "--keyfile", str(certificate.key))


def _environment(folder: Path, port: int, certificate: Certificate | None) -> dict[str, str]:
    plain = {
        "PATH": os.defpath,
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": HOST,
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "IOT_MTLS_ENABLED": "0",  # otherwise it listens for MQTT on every interface
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
