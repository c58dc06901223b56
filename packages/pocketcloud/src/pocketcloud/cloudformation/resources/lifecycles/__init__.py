"""How resources change and end: which properties update in place, which replace, and how to delete."""

from collections.abc import Mapping

from pocketcloud.cloudformation.resources.lifecycles import (
    access,
    events,
    functions,
    messages,
    monitoring,
    pipes,
    storage,
    tables,
)
from pocketcloud.cloudformation.resources.lifecycles.lifecycle import Lifecycle

LIFECYCLES: Mapping[str, Lifecycle] = {
    name: lifecycle
    for module in (access, events, functions, messages, monitoring, pipes, storage, tables)
    for name, lifecycle in module.LIFECYCLES.items()
}
"""Resource types that can be updated and deleted; changes of all others are rejected by name."""
