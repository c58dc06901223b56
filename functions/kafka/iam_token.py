"""The token of the function's role for Amazon MSK: a presigned request to connect, in base64.

The cluster reads the role's name from it, and IAM decides. No secret leaves the function.
https://docs.aws.amazon.com/msk/latest/developerguide/iam-access-control.html
"""

import base64
import os
from datetime import UTC, datetime, timedelta

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest

from functions.shared.runtime.clients import role_credentials

SERVICE = "kafka-cluster"
LIFETIME = timedelta(minutes=15)
"""The client gets another token before the end; a connection outlives its token."""


def role_token(_configuration: str) -> tuple[str, float]:
    """Return a token and the time of its end, in seconds since 1970, as the client's callback."""
    region = os.environ["AWS_REGION"]
    ends_at = datetime.now(UTC) + LIFETIME
    parameters = {"Action": f"{SERVICE}:Connect"}
    request = AWSRequest(method="GET", url=f"https://kafka.{region}.amazonaws.com/", params=parameters)
    expires = int(LIFETIME.total_seconds())
    SigV4QueryAuth(role_credentials(), SERVICE, region, expires=expires).add_auth(request)
    # The cluster expects the client's name, outside the signature.
    url = f"{request.url}&User-Agent=orderbus"
    return base64.urlsafe_b64encode(url.encode()).decode().rstrip("="), ends_at.timestamp()
