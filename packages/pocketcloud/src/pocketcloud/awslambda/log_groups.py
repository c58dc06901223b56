"""Log groups of functions, which Lambda creates at the first invocation.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
"""

from moto.logs.models import logs_backends

from pocketcloud.core.engine import Engine
from pocketcloud.iam.access_request import AccessRequest


def ensure_log_group(engine: Engine, function: str, group: str) -> None:
    """Create the group unless it exists, if the function's role may."""
    backend = logs_backends[engine.account][engine.region]
    if group in backend.groups:
        return
    request = AccessRequest("logs:CreateLogGroup", engine.access.location.arn("logs", f"log-group:{group}"))
    if engine.access.decide(engine.access.function(function), request).allowed:
        backend.ensure_log_group(group)
