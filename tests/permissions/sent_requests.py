"""Print the HTTP requests that the botocore on the path sends: `python sent_requests.py < calls.json`.

The calls are `[[service, operation, parameters], …]`; nothing leaves the process.
"""

import json
import sys
import uuid
from types import SimpleNamespace
from typing import Any

from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.session import Session

CHANGING = {"amz-sdk-invocation-id", "authorization", "user-agent", "x-amz-date"}
"""Headers that differ from one request to the next."""


def main() -> None:
    """Make each call; print where it goes to and what it says."""
    session, sent = Session(), []
    uuid.uuid4 = lambda: uuid.UUID(int=0)  # the client's token of a transaction

    def respond(request: Any, **_: object) -> AWSResponse:
        headers = {
            name: _text(value) for name, value in request.headers.items() if name.lower() not in CHANGING
        }
        sent.append([request.method, request.url, headers, _text(request.body)])
        body = SimpleNamespace(stream=lambda: [b"{}"])
        return AWSResponse(request.url, 200, HTTPHeaders(), body)

    for service, operation, parameters in json.load(sys.stdin):
        client = session.create_client(service, "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
        hooks: Any = client.meta.events  # the stubs know no handler that returns something
        hooks.register("before-send", respond)
        getattr(client, xform_name(operation))(**parameters)
    json.dump(sent, sys.stdout)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


if __name__ == "__main__":
    main()
