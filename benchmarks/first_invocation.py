"""Run the first invocation of one function from its files, as Lambda does: `python first_invocation.py FILE`.

The file names the handler, the event, and AWS's responses in order. Nothing of the repository is imported.
"""

import importlib
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

CONTEXT = SimpleNamespace(
    function_name="measured",
    function_version="1",
    memory_limit_in_mb=256,
    invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:measured:live",
    aws_request_id="0d1e2f3a-0000-4000-8000-000000000000",
    get_remaining_time_in_millis=lambda: 90_000,
)
"""Lambda's context."""


def respond_with(responses: list[dict[str, Any]]) -> None:
    """Give every HTTP request of botocore the next response."""
    from botocore.awsrequest import AWSResponse  # noqa: PLC0415 - a function that calls nobody imports none
    from botocore.compat import HTTPHeaders  # noqa: PLC0415 - as above
    from botocore.httpsession import URLLib3Session  # noqa: PLC0415 - as above

    remaining = iter(responses)

    def send(_session: object, request: Any) -> AWSResponse:  # noqa: ANN401 - botocore's request has no stubs here
        body = SimpleNamespace(stream=lambda: [json.dumps(next(remaining)).encode()])
        return AWSResponse(request.url, 200, HTTPHeaders(), body)

    session_class: Any = URLLib3Session
    session_class.send = send


def main() -> None:
    """Import the handler, and invoke it once."""
    recorded = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    module, _, name = recorded["handler"].rpartition(".")
    handler = getattr(importlib.import_module(module), name)
    if not recorded["invoke"]:
        return
    respond_with(recorded["responses"])
    handler(recorded["event"], CONTEXT)


if __name__ == "__main__":
    main()
