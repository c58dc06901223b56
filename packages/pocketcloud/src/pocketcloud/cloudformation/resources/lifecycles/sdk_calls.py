"""Changes and deletion of AwsCustomResources and triggers, which make other calls of AWS's API."""

from pocketcloud.cloudformation.resources import sdk_calls, triggers
from pocketcloud.cloudformation.resources.lifecycles.lifecycle import Existing, Lifecycle, keep
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest


def _update(existing: Existing, request: CreateRequest) -> Created:
    if "Update" not in request.properties:
        return existing.created
    return sdk_calls.make_call(request, "Update")


def _delete(existing: Existing) -> None:
    request = CreateRequest(existing.account, existing.stack, existing.logical_id, existing.properties)
    sdk_calls.make_call(request, "Delete")


def _invoke(_: Existing, request: CreateRequest) -> Created:
    return triggers.invoke(request)


LIFECYCLES = {
    **{kind.name: Lifecycle(update=_update, delete=_delete) for kind in sdk_calls.TYPES},
    "Custom::Trigger": Lifecycle(update=_invoke, delete=keep),
}
