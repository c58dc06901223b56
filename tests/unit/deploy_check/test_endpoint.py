"""The endpoint hears 127.0.0.1 alone, and neither it nor its clients know anything of ours."""

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
from deploy_check.command import CommandError
from deploy_check.endpoint import Endpoint, _command, _server_environment, running
from deploy_check.failure import CheckError
from deploy_check.interpreter import Interpreter, architecture_of
from tests.now import NOW

PROGRAMS = Interpreter(Path("/programs"), "3.13", "x86_64")


def test_it_is_bound_to_loopback_on_its_one_port(tmp_path: Path) -> None:
    for issued in (None, certificate.issued(tmp_path, now=NOW)):
        command = _command(PROGRAMS, 4711, issued)
        assert [command[i + 1] for i, word in enumerate(command) if word == "--bind"] == ["127.0.0.1:4711"]


def test_its_functions_inherit_nothing_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "mine")
    monkeypatch.setenv("PATH", f"/mine:{os.environ['PATH']}")
    environment = _server_environment(tmp_path, 4711, None)
    assert "mine" not in " ".join(environment.values())
    assert environment["IOT_MTLS_ENABLED"] == "0"
    assert environment["TMPDIR"] == str(tmp_path)


def test_iam_is_enforced_over_tls_and_never_without(tmp_path: Path) -> None:
    assert "AUTH" not in _server_environment(tmp_path, 4711, None)
    environment = _server_environment(tmp_path, 4711, certificate.issued(tmp_path, now=NOW))
    assert (environment["AUTH"], environment["USE_SSL"]) == ("true", "1")


def test_the_command_line_has_no_credentials_but_the_endpoint_s(
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


def test_over_tls_node_and_boto_trust_the_run_s_own_certificate(tmp_path: Path) -> None:
    issued = certificate.issued(tmp_path)
    secure = Endpoint(4711, tmp_path, 1, issued)
    assert secure.url == "https://127.0.0.1:4711"
    trusted = str(issued.certificate)
    assert {secure.environment()[name] for name in ("NODE_EXTRA_CA_CERTS", "AWS_CA_BUNDLE")} == {trusted}
    assert secure.trust
    assert secure.trust.verify_mode is ssl.CERT_REQUIRED


def test_a_certificate_is_for_loopback_for_a_day_and_its_key_for_us_alone(tmp_path: Path) -> None:
    issued = certificate.issued(tmp_path, now=NOW)
    read = x509.load_pem_x509_certificate(issued.certificate.read_bytes())
    names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    assert read.not_valid_before_utc <= NOW < read.not_valid_after_utc <= NOW + timedelta(days=1)
    assert stat.S_IMODE(issued.key.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("machine", "architecture"),
    [("x86_64", "x86_64"), ("aarch64", "arm64"), ("arm64", "arm64"), ("AMD64", "x86_64")],
)
def test_a_machine_s_architecture_has_lambda_s_name(machine: str, architecture: str) -> None:
    assert architecture_of(machine) == architecture


def test_a_machine_that_lambda_does_not_know_is_refused() -> None:
    with pytest.raises(CheckError, match="riscv64"):
        architecture_of("riscv64")


def test_where_lambda_s_python_is_missing_ours_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_arguments: str) -> str:
        raise CommandError("No interpreter found for Python 3.13")

    monkeypatch.setattr(interpreter, "_uv", missing)
    assert interpreter._base_python() == sys.executable  # noqa: SLF001 - the choice is all there is to see


def test_lambda_s_python_is_read_after_what_is_said_about_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "_uv", lambda *_: "warning: a broken one\n/opt/python3.13\n")
    assert interpreter._base_python() == "/opt/python3.13"  # noqa: SLF001 - as above


@pytest.fixture
def sleeper(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that answers at once, in place of MiniStack."""
    program = (sys.executable, "-c", "import time; time.sleep(60)")
    monkeypatch.setattr(endpoint, "_command", lambda *_: program)
    monkeypatch.setattr(endpoint, "_answers", lambda _endpoint: True)


def is_running(process_id: int) -> bool:
    try:
        os.killpg(process_id, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.usefixtures("sleeper")
@pytest.mark.parametrize("keep", [False, True])
def test_ctrl_c_ends_the_endpoint_to_be_kept_or_not(
    keep: bool,  # noqa: FBT001 - a case
    tmp_path: Path,
) -> None:
    held = ExitStack()
    up = held.enter_context(running(PROGRAMS, tmp_path, certificate=None, keep=keep))
    with pytest.raises(KeyboardInterrupt), held:
        raise KeyboardInterrupt
    assert not is_running(up.process_id)


# What is kept runs on by intent, and Python would warn of it.
@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")
@pytest.mark.usefixtures("sleeper")
@pytest.mark.parametrize("keep", [False, True])
def test_after_a_run_the_endpoint_is_there_only_if_it_was_to_be_kept(
    keep: bool,  # noqa: FBT001 - a case
    tmp_path: Path,
) -> None:
    with running(PROGRAMS, tmp_path, certificate=None, keep=keep) as up:
        assert is_running(up.process_id)
    assert is_running(up.process_id) is keep
    if keep:
        os.killpg(up.process_id, signal.SIGKILL)
        os.waitpid(up.process_id, 0)


def test_an_endpoint_that_does_not_start_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = (sys.executable, "-c", "print('no such module'); exit(1)")
    monkeypatch.setattr(endpoint, "_command", lambda *_: program)
    with (
        pytest.raises(CheckError, match=r"did not answer.*\nno such module"),
        running(PROGRAMS, tmp_path, certificate=None, keep=False),
    ):
        pass
