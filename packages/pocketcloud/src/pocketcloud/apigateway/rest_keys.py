"""API keys of a REST API: a key opens the stages of its usage plans.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
Throttles and quotas of the plans are not enforced.
"""

from typing import TYPE_CHECKING

from pocketcloud.apigateway.rest_responses import GatewayError
from pocketcloud.apigateway.rest_store import rest_backend

if TYPE_CHECKING:
    from moto.apigateway.models import ApiKey


def require_key(value: str | None, api_id: str, stage: str) -> "ApiKey":
    """Return the enabled key with this value in a usage plan of the stage; raise GatewayError."""
    backend = rest_backend()
    if backend is not None and value:
        for plan in backend.usage_plans.values():
            if not any(each["apiId"] == api_id and each["stage"] == stage for each in plan.api_stages):
                continue
            for member in backend.usage_plan_keys.get(plan.id, {}):
                key = backend.keys.get(member)
                if key is not None and key.enabled and key.value == value:
                    return key
    raise GatewayError("INVALID_API_KEY")
