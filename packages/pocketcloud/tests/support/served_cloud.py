"""The small cloud with what a server needs besides, and one request to it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPMessage
from threading import RLock
from urllib.parse import urlsplit

from small_cloud import REGION, SmallCloud

from pocketcloud.cloudformation.stack_records import StackRecord
from pocketcloud.core.stubs import Stubs
from pocketcloud.virtual_time.scheduler import Scheduler


@dataclass
class ServedCloud(SmallCloud):
    """The small cloud with what a server needs besides."""

    lock: RLock = field(default_factory=RLock)
    stacks: tuple[StackRecord, ...] = ()
    stubs: Stubs = field(default_factory=Stubs)
    running: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.scheduler = Scheduler(self.clock)


def ask(method: str, url: str, body: bytes = b"", **headers: str) -> tuple[int, HTTPMessage, bytes]:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    path = url.partition(urlsplit(url).netloc)[2]
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response.status, response.headers, content


SIGNED = f"AWS4-HMAC-SHA256 Credential=offline/20261123/{REGION}/sqs/aws4_request, x=y, z=w"
