"""Requests inside the offline cloud have every part of a signed request except for its signature."""

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from pocketcloud import OfflineCloud
from pocketcloud.virtual_time.clock import Clock

AWS, SERVER = "https://sqs.eu-west-1.amazonaws.com/", "http://127.0.0.1:4566/"


def signed(kind: type[SigV4Auth], url: str) -> tuple[str, dict[str, str]]:
    request = AWSRequest("POST", url, data="{}", headers={"Content-Type": "application/json"})
    kind(Credentials("key", "secret"), "sqs", "eu-west-1").add_auth(request)
    return str(request.url), dict(request.headers.items())


@pytest.mark.parametrize(
    ("kind", "url", "is_signed"),
    [
        (SigV4Auth, AWS, False),
        (S3SigV4Auth, AWS, False),
        (SigV4QueryAuth, AWS, True),
        (S3SigV4QueryAuth, AWS, True),
        (SigV4Auth, SERVER, True),
        (S3SigV4Auth, SERVER, True),
    ],
)
def test_request_differs_only_in_its_signature(kind: type[SigV4Auth], url: str, *, is_signed: bool) -> None:
    with Clock():
        alone_url, alone = signed(kind, url)
    with OfflineCloud():
        inside_url, inside = signed(kind, url)
    assert (inside == alone) is is_signed
    assert inside_url == alone_url
    start, _, own = alone.pop("Authorization", "").rpartition("Signature=")
    found, _, given = inside.pop("Authorization", "").rpartition("Signature=")
    assert (found, inside, len(given)) == (start, alone, len(own))
