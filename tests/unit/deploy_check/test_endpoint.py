"""The endpoint listens on 127.0.0.1 only, and inherits nothing of the environment."""

import os
import signal
import ssl
import stat
import sys
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from deploy_check import certificate, endpoint, interpreter
from deploy_check.endpoint import Endpoint, Server, run_endpoint
from deploy_check.failure import CheckError
from deploy_check.interpreter import Interpreter, architecture_of
from deploy_check.localemu import localemu
from deploy_check.ministack import ministack
from deploy_check.program import ProgramError
from tests.now import NOW

PROGRAMS = Interpreter(Path("/programs"), "3.13", "x86_64")


def test_endpoint_binds_one_port_of_the_loopback_address(tmp_path: Path) -> None:
    for tls in (None, certificate.create_certificate(tmp_path, now=NOW)):
        command = ministack(PROGRAMS, tmp_path, tls, 4711).command
        assert [command[i + 1] for i, word in enumerate(command) if word == "--bind"] == ["127.0.0.1:4711"]


def test_functions_do_not_inherit_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "mine")
    monkeypatch.setenv("PATH", f"/mine:{os.environ['PATH']}")
    servers = (ministack(PROGRAMS, tmp_path, None, 4711), localemu(PROGRAMS, tmp_path, 4711))
    for server in servers:
        assert "mine" not in " ".join(server.environment.values())
        assert server.environment["TMPDIR"] == str(tmp_path)
    assert servers[0].environment["IOT_MTLS_ENABLED"] == "0"


def test_iam_is_enforced_only_with_tls(tmp_path: Path) -> None:
    assert "AUTH" not in ministack(PROGRAMS, tmp_path, None, 4711).environment
    tls = certificate.create_certificate(tmp_path, now=NOW)
    environment = ministack(PROGRAMS, tmp_path, tls, 4711).environment
    assert (environment["AUTH"], environment["USE_SSL"]) == ("true", "1")


def test_client_environment_has_only_the_endpoint_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "mine")
    environment = Endpoint(4711, tmp_path, 1, None).environment()
    assert "mine" not in environment.values()
    assert "AWS_PROFILE" not in environment
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4711"
    assert environment["AWS_CONFIG_FILE"] == environment["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    assert environment["HOME"] == str(tmp_path)


def test_clients_trust_the_certificate_over_tls(tmp_path: Path) -> None:
    tls = certificate.create_certificate(tmp_path)
    secure = Endpoint(4711, tmp_path, 1, tls)
    assert secure.url == "https://127.0.0.1:4711"
    trusted = str(tls.certificate)
    assert {secure.environment()[name] for name in ("NODE_EXTRA_CA_CERTS", "AWS_CA_BUNDLE")} == {trusted}
    assert secure.trust
    assert secure.trust.verify_mode is ssl.CERT_REQUIRED


def test_certificate_is_for_one_day_with_a_private_key(tmp_path: Path) -> None:
    tls = certificate.create_certificate(tmp_path, now=NOW)
    read = x509.load_pem_x509_certificate(tls.certificate.read_bytes())
    names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    assert read.not_valid_before_utc <= NOW < read.not_valid_after_utc <= NOW + timedelta(days=1)
    assert stat.S_IMODE(tls.key.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("machine", "architecture"),
    [("x86_64", "x86_64"), ("aarch64", "arm64"), ("arm64", "arm64"), ("AMD64", "x86_64")],
)
def test_architecture_of_returns_the_name_of_lambda(machine: str, architecture: str) -> None:
    assert architecture_of(machine) == architecture


def test_architecture_of_rejects_unsupported_machines() -> None:
    with pytest.raises(CheckError, match="riscv64"):
        architecture_of("riscv64")


def test_interpreter_is_ours_without_the_python_of_lambda(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_arguments: str) -> str:
        raise ProgramError("No interpreter found for Python 3.13")

    monkeypatch.setattr(interpreter, "_uv", missing)
    assert interpreter._base_python() == sys.executable  # noqa: SLF001 - the choice is all there is to see


def test_interpreter_is_the_last_line_of_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "_uv", lambda *_: "warning: a broken one\n/opt/python3.13\n")
    assert interpreter._base_python() == "/opt/python3.13"  # noqa: SLF001 - as above


def sleeper(port: int) -> Server:
    return Server((sys.executable, "-c", f"import time; time.sleep(60)  # {port}"), {}, "/health")


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every server responds at once."""
    monkeypatch.setattr(endpoint, "_is_ready", lambda _endpoint, _health: True)


def is_running(process_id: int) -> bool:
    try:
        os.killpg(process_id, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("keep", [False, True])
def test_endpoint_ends_after_ctrl_c(
    keep: bool,
    tmp_path: Path,
) -> None:
    resources = ExitStack()
    up = resources.enter_context(run_endpoint(sleeper, tmp_path, keep=keep))
    with pytest.raises(KeyboardInterrupt), resources:
        raise KeyboardInterrupt
    assert not is_running(up.process_id)


# What is kept runs on by intent, and Python would warn of it.
@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")
@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("keep", [False, True])
def test_endpoint_stays_only_with_keep(
    keep: bool,
    tmp_path: Path,
) -> None:
    with run_endpoint(sleeper, tmp_path, keep=keep) as up:
        assert is_running(up.process_id)
    assert is_running(up.process_id) is keep
    if keep:
        os.killpg(up.process_id, signal.SIGKILL)
        os.waitpid(up.process_id, 0)


def test_endpoint_that_fails_to_start_is_quoted(tmp_path: Path) -> None:
    program = (sys.executable, "-c", "print('no such module'); exit(1)")
    with (
        pytest.raises(CheckError, match=r"was not ready.*\nno such module"),
        run_endpoint(lambda _port: Server(program, {}, "/health"), tmp_path, keep=False),
    ):
        pass
