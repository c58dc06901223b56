"""A synchronous invocation from outside: by the administrator, or by API Gateway for a route."""

import json
from typing import Any

from pocketcloud.awslambda.invocation import FunctionError, InvocationResult
from pocketcloud.awslambda.runtime import Runtime
from pocketcloud.core.engine import Engine, function_in
from pocketcloud.core.journal import Kind

_GATEWAY = "apigateway.amazonaws.com"


def invoke_at_once(
    engine: Engine, runtime: Runtime, function_name: str, payload: dict[str, Any], *, source_arn: str | None
) -> InvocationResult:
    """Invoke a function; `source_arn` is the route that API Gateway invokes it for."""
    name = f"function/{function_in(function_name)}"
    engine.journal.write(Kind.INVOKED, engine.actor(), name, None)
    result = _not_permitted(engine, function_name, source_arn) or runtime.invoke(
        function_name, json.loads(json.dumps(payload))
    )
    kind = Kind.HANDLED if result.error is None else Kind.FAILED
    reason = None if result.error is None else str(result.error)
    engine.journal.write(kind, name, engine.actor(), None, reason=reason)
    return result


def _not_permitted(engine: Engine, function_name: str, source_arn: str | None) -> InvocationResult | None:
    """Return an AccessDenied result if API Gateway may not invoke the function for this route."""
    if source_arn is None:
        return None
    arn = engine.access.location.arn("lambda", f"function:{function_name}")
    denial = engine.access.authorize_service(_GATEWAY, "lambda:InvokeFunction", arn, source_arn=source_arn)
    if denial is None:
        return None
    return InvocationResult.failed(FunctionError("AccessDeniedException", str(denial)), "none")
