"""Google's own Pub/Sub emulator as a process on 127.0.0.1."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any

import urllib3

JARS = Path("/usr/lib/google-cloud-sdk/platform/pubsub-emulator/lib")
START_SECONDS = 60.0


def jar() -> Path | None:
    """Return the emulator's archive, where Google's package is installed."""
    return next(iter(sorted(JARS.glob("cloud-pubsub-emulator-*-all.jar"))), None)


def missing() -> str | None:
    """Return why the emulator cannot be started; None if it can."""
    if jar() is None:
        return f"no Pub/Sub emulator in {JARS}: install google-cloud-cli-pubsub-emulator"
    return None if shutil.which("java") else "no Java: install openjdk-17-jre-headless"


class Emulator:
    """The REST API of a running emulator."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def call(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send one request; raise AssertionError for an error."""
        response = urllib3.request(method, f"{self.url}/v1/{path}", json=body, timeout=10)
        assert response.status == HTTPStatus.OK, response.data
        content: dict[str, Any] = response.json()
        return content

    def pull(self, subscription: str) -> list[dict[str, Any]]:
        """Return the messages of the subscription, acknowledged."""
        found: list[dict[str, Any]] = []
        pulled = {"maxMessages": 100, "returnImmediately": True}
        while received := self.call("POST", f"{subscription}:pull", pulled).get("receivedMessages"):
            ids = [each["ackId"] for each in received]
            self.call("POST", f"{subscription}:acknowledge", {"ackIds": ids})
            found += [each["message"] for each in received]
        return found


@contextmanager
def emulator() -> Iterator[Emulator]:
    """Start the emulator, and end it by its process id."""
    port, archive = _free_port(), jar()
    assert archive is not None
    command = ["java", "-Xmx256m", "-jar", str(archive), "--host=127.0.0.1", f"--port={port}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port, process)
        yield Emulator(port)
    finally:
        process.terminate()
        process.wait(10)


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends:
        assert process.poll() is None, "the emulator ended"
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        time.sleep(0.1)
    raise TimeoutError(f"the emulator did not start within {START_SECONDS:.0f} s")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
