"""A private RabbitMQ on 127.0.0.1: Debian's package, in a folder of its own, with its own name service.

Erlang's name service (epmd) outlives the node that starts it. So it is started first, as a child.
https://www.rabbitmq.com/docs/configure#supported-environment-variables
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from pika import BlockingConnection, ConnectionParameters
from pika.exceptions import AMQPConnectionError

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
ERLANG_OPTIONS = Path(__file__).with_name("erlang.args")
"""Peers too find the node at 127.0.0.1 only."""
START_SECONDS = 90
STOP_SECONDS = 20
HOST = "127.0.0.1"
CONFIGURATION = """\
listeners.tcp.1 = {host}:{port}
log.console = true
log.console.level = warning
log.file = false
disk_free_limit.absolute = 50MB
"""


class BrokerFailedError(RuntimeError):
    """The broker did not start; its output is in the message."""


def missing() -> str | None:
    """Return why there is no RabbitMQ here, or None if there is one."""
    if SERVER.exists() and shutil.which("epmd"):
        return None
    return "RabbitMQ is not installed: apt-get install --no-install-recommends rabbitmq-server"


@contextmanager
def rabbitmq_node() -> Iterator[int]:
    """Start a node; yield its port; end the node and its name service by their process ids."""
    with tempfile.TemporaryDirectory(prefix="rabbitmq-", ignore_cleanup_errors=True) as folder:
        home, (port, peers, names) = Path(folder), _free_ports(3)
        epmd = subprocess.Popen(["epmd", "-address", HOST, "-port", str(names)])  # noqa: S607 - constants
        try:
            node = _start(home, port=port, peers=peers, names=names)
            try:
                _wait(node, port, home)
                yield port
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(node.pid, signal.SIGTERM)
                node.wait(STOP_SECONDS)
        finally:
            epmd.terminate()
            epmd.wait(STOP_SECONDS)


def _start(home: Path, *, port: int, peers: int, names: int) -> subprocess.Popen[bytes]:
    (home / "rabbitmq.conf").write_text(CONFIGURATION.format(host=HOST, port=port))
    (home / "enabled_plugins").write_text("[].")
    variables = {
        "PATH": "/usr/lib/rabbitmq/bin:/usr/bin:/bin",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "ERL_EPMD_PORT": str(names),
        "ERL_EPMD_ADDRESS": HOST,
        "RABBITMQ_NODENAME": f"orderbus{port}@localhost",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(peers),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"-args_file {ERLANG_OPTIONS}",
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_PID_FILE": str(home / "pid"),
        "RABBITMQ_FEATURE_FLAGS_FILE": str(home / "feature_flags"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(home / "generated"),
    }
    with (home / "output").open("wb") as output:
        return subprocess.Popen(
            [str(SERVER)], env=variables, cwd=home, start_new_session=True, stdout=output, stderr=output
        )


def _wait(node: subprocess.Popen[bytes], port: int, home: Path) -> None:
    ends = monotonic() + START_SECONDS
    while monotonic() < ends and node.poll() is None:
        with suppress(AMQPConnectionError):
            BlockingConnection(ConnectionParameters(HOST, port, socket_timeout=5)).close()
            return
        sleep(0.2)
    raise BrokerFailedError((home / "output").read_text(errors="replace")[-2000:])


def _free_ports(count: int) -> list[int]:
    listeners = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports = [int(each.getsockname()[1]) for each in listeners]
    for each in listeners:
        each.close()
    return ports
