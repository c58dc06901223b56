"""The check of a token by Amazon MSK, without botocore: Signature Version 4 in a query.

https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
"""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlsplit

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
SESSION = "role+session/token=="
REGION = "eu-west-1"
EXPECTED = {
    "Action": "kafka-cluster:Connect",
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Expires": "900",
    "X-Amz-SignedHeaders": "host",
    "X-Amz-Security-Token": SESSION,
}


def refusal(token: str, now: datetime) -> str | None:
    """Return why the cluster would refuse the token; None if it would not."""
    url = urlsplit(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode())
    given = dict(parse_qsl(url.query, strict_parsing=True))
    if "=" in token or (url.scheme, url.netloc, url.path) != ("https", f"kafka.{REGION}.amazonaws.com", "/"):
        return "address"
    if not given.pop("User-Agent", ""):
        return "user agent"
    signature, at = given.pop("X-Amz-Signature"), given.pop("X-Amz-Date")
    scope = f"{at[:8]}/{REGION}/kafka-cluster/aws4_request"
    if given.pop("X-Amz-Credential") != f"{KEY}/{scope}" or given != EXPECTED:
        return "parameters"
    begins = datetime.strptime(at, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if not begins - timedelta(minutes=5) <= now < begins + timedelta(minutes=15):
        return "expired"
    signed = {**given, "X-Amz-Date": at, "X-Amz-Credential": f"{KEY}/{scope}"}
    return None if hmac.compare_digest(_signature(signed, url.netloc, at, scope), signature) else "signature"


def _signature(parameters: dict[str, str], host: str, at: str, scope: str) -> str:
    pairs = [(quote(name, safe=""), quote(value, safe="")) for name, value in sorted(parameters.items())]
    query = "&".join(f"{name}={value}" for name, value in pairs)
    request = "\n".join(("GET", "/", query, f"host:{host}", "", "host", hashlib.sha256(b"").hexdigest()))
    text = "\n".join(("AWS4-HMAC-SHA256", at, scope, hashlib.sha256(request.encode()).hexdigest()))
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()
