"""Create, change and delete API keys, usage plans and the keys of plans."""

from typing import Any

from moto.apigateway.models import APIGatewayBackend, UsagePlan, apigateway_backends

from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.resources.lifecycles.lifecycle import Existing
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest

_MINIMUM_CHARACTERS = 20


def _backend(request: CreateRequest | Existing) -> APIGatewayBackend:
    return apigateway_backends[request.account.id][request.account.region]


def create_key(request: CreateRequest) -> Created:
    """Create an API key; like CloudFormation, disabled unless the template enables it."""
    given = request.properties
    value = given.get("Value")
    if value is not None and len(value) < _MINIMUM_CHARACTERS:
        raise ResourceError(f"Value: an API key has at least {_MINIMUM_CHARACTERS} characters")
    key = _backend(request).create_api_key(
        {"name": request.name("Name", max_characters=255), **({"value": value} if value else {})}
    )
    _set_key(request, key.id)
    return Created(ref=key.id, attributes={"APIKeyId": key.id})


def update_key(existing: Existing, request: CreateRequest) -> Created:
    """Enable or disable an API key, or describe it."""
    _set_key(request, existing.physical_id)
    return existing.created


def _set_key(request: CreateRequest, key_id: str) -> None:
    key, given = _backend(request).keys[key_id], request.properties
    key.enabled = given.get("Enabled", False) in (True, "true")
    key.description, key.customer_id = given.get("Description"), given.get("CustomerId")


def delete_key(existing: Existing) -> None:
    """Delete an API key."""
    _backend(existing).keys.pop(existing.physical_id, None)


def create_plan(request: CreateRequest) -> Created:
    """Create a usage plan for stages."""
    plan = _backend(request).create_usage_plan({"name": request.name("UsagePlanName", max_characters=255)})
    _set_plan(plan, request)
    return Created(ref=plan.id, attributes={"Id": plan.id})


def update_plan(existing: Existing, request: CreateRequest) -> Created:
    """Change the stages of a usage plan."""
    _set_plan(_backend(existing).usage_plans[existing.physical_id], request)
    return existing.created


def _set_plan(plan: UsagePlan, request: CreateRequest) -> None:
    given: Any = request.properties
    plan.name = request.name("UsagePlanName", max_characters=255)
    plan.description = given.get("Description")
    plan.api_stages = [
        {"apiId": each["ApiId"], "stage": each["Stage"]} for each in given.get("ApiStages", [])
    ]
    plan.quota = {name.lower(): value for name, value in given.get("Quota", {}).items()}
    plan.throttle = {
        f"{name[0].lower()}{name[1:]}": value for name, value in given.get("Throttle", {}).items()
    }


def delete_plan(existing: Existing) -> None:
    """Delete a usage plan."""
    _backend(existing).usage_plans.pop(existing.physical_id, None)
    _backend(existing).usage_plan_keys.pop(existing.physical_id, None)


def create_plan_key(request: CreateRequest) -> Created:
    """Add an API key to a usage plan."""
    given, backend = request.properties, _backend(request)
    if given["UsagePlanId"] not in backend.usage_plans or given["KeyId"] not in backend.keys:
        raise ResourceError(f"there is no usage plan {given['UsagePlanId']} or no key {given['KeyId']}")
    backend.create_usage_plan_key(
        given["UsagePlanId"], {"keyId": given["KeyId"], "keyType": given["KeyType"]}
    )
    name = f"{given['KeyId']}:{given['UsagePlanId']}"
    return Created(ref=name, attributes={"Id": name})


def delete_plan_key(existing: Existing) -> None:
    """Remove an API key from its usage plan."""
    members = _backend(existing).usage_plan_keys.get(existing.properties["UsagePlanId"], {})
    members.pop(existing.properties["KeyId"], None)
