"""The function's identity as Google's token service accepts it: a signed request that only names its role.

https://docs.cloud.google.com/iam/docs/workload-identity-federation-with-other-clouds
"""

import json
import os
from urllib.parse import quote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from functions.shared.runtime.clients import role_credentials

TARGET = "x-goog-cloud-target-resource"
"""The signed header that makes the request worthless to any other provider."""


def subject_token(provider: str) -> str:
    """Return a signed GetCallerIdentity request for that identity provider; it is valid for 15 minutes.

    Google sends it to AWS and learns the role's name. No secret leaves the function.
    """
    region = os.environ["AWS_REGION"]
    host = f"sts.{region}.amazonaws.com"
    url = f"https://{host}/?Action=GetCallerIdentity&Version=2011-06-15"
    request = AWSRequest(method="POST", url=url, headers={"Host": host, TARGET: provider})
    SigV4Auth(role_credentials(), "sts", region).add_auth(request)
    headers = [{"key": key, "value": value} for key, value in request.headers.items()]
    return quote(json.dumps({"url": url, "method": "POST", "headers": headers}), safe="")
