"""The module that Lambda adds to inline code, with which a function reports to CloudFormation.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-lambda-function-code-cfnresponsemodule.html
"""

import json
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

SUCCESS = "SUCCESS"
FAILED = "FAILED"
_PARAMETERS = ("responseStatus", "responseData", "physicalResourceId", "noEcho", "reason")
"""AWS's own names; all but the first two are optional."""


def send(event: dict[str, Any], context: Any, *values: Any, **named: Any) -> None:
    """Send the result of a request to the URL in it."""
    given = {**dict(zip(_PARAMETERS, values, strict=False)), **named}
    log = context.log_stream_name
    response = {
        "Status": given["responseStatus"],
        "Reason": given.get("reason") or f"See the details in CloudWatch Log Stream: {log}",
        "PhysicalResourceId": given.get("physicalResourceId") or log,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "NoEcho": given.get("noEcho", False),
        "Data": given["responseData"],
    }
    url = urlsplit(event["ResponseURL"])
    connection = HTTPConnection(url.netloc)
    connection.request("PUT", url.path, json.dumps(response).encode())
    connection.getresponse().read()
    connection.close()
