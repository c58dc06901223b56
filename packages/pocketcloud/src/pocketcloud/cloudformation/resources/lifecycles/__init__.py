"""The lifecycle of each resource type: updates in place, replacement and deletion."""

from pocketcloud.cloudformation.resources.lifecycles import (
    access,
    accounts,
    custom,
    data_streams,
    event_schemas,
    events,
    function_urls,
    functions,
    http_apis,
    messages,
    monitoring,
    pipes,
    rest_apis,
    schedules,
    sdk_calls,
    stepfunctions,
    storage,
    tables,
)
from pocketcloud.cloudformation.resources.lifecycles.lifecycle import Lifecycle

_MODULES = (
    access,
    accounts,
    custom,
    data_streams,
    event_schemas,
    events,
    function_urls,
    functions,
    http_apis,
    messages,
    monitoring,
    pipes,
    rest_apis,
    schedules,
    sdk_calls,
    stepfunctions,
    storage,
    tables,
)
LIFECYCLES: dict[str, Lifecycle] = {
    name: lifecycle for module in _MODULES for name, lifecycle in module.LIFECYCLES.items()
}
"""Resource types that can be updated and deleted; changes of all others are rejected by name."""
