"""Changes and deletion of function URLs."""

from pocketcloud.cloudformation.resources.function_urls import function_in_account, url_settings
from pocketcloud.cloudformation.resources.lifecycles.lifecycle import Existing, Lifecycle
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest


def _update_url(existing: Existing, request: CreateRequest) -> Created:
    """Keep the address."""
    function = function_in_account(existing.account, existing.physical_id)
    function.get_url_config().config = url_settings(request)
    return existing.created


def _delete_url(existing: Existing) -> None:
    function_in_account(existing.account, existing.physical_id).delete_url_config()


LIFECYCLES = {
    "AWS::Lambda::Url": Lifecycle(
        update=_update_url,
        delete=_delete_url,
        replaces=frozenset({"Qualifier", "TargetFunctionArn"}),
    ),
}
