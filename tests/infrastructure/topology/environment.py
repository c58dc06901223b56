"""A function's environment names its queue's limits, its dead-letter queue and existing tables."""

from collections.abc import Iterator
from typing import Any

from tests.infrastructure.graph import Graph, Resource
from tests.infrastructure.topology.hops import found

QUEUE_VARIABLES = ("MAX_RECEIVE_COUNT", "DEAD_LETTER_QUEUE_URL")
PROPERTIES = frozenset(
    {
        *("Architectures", "Code", "Environment", "FunctionName", "Handler", "Layers", "LoggingConfig"),
        *("MemorySize", "Role", "Runtime", "Timeout", "TracingConfig"),
    }
)


def functions_know_their_queues(graph: Graph) -> Iterator[str]:
    """A consumer dead-letters to its own queue's dead-letter queue, at that queue's last receive.

    A function on a stream names its mapping's dead-letter queue or none; any other names no queue.
    """
    behind = {_function_of(each): each for each in graph.any_of("Lambda::EventSourceMapping")}
    for function in graph.any_of("Lambda::Function"):
        found_there = {name: value for name, value in _variables(function).items() if name in QUEUE_VARIABLES}
        expected = _expected(graph, behind.get(function.name), found_there)
        if found_there != expected:
            yield f"{function.name} has {found_there} in its environment, and should have {expected}"


def functions_know_tables_that_exist(graph: Graph) -> Iterator[str]:
    """Each table in a function's environment is one of this stage."""
    tables = {table.name for table in graph.any_of("DynamoDB::Table")}
    for function in graph.any_of("Lambda::Function"):
        for name, value in _variables(function).items():
            if name.endswith("_TABLE") and value not in tables:
                yield f"{function.name} has {value} as {name}, a table that no template has"


def functions_have_their_properties(graph: Graph) -> Iterator[str]:
    """A function has these properties, and no other (reserved concurrency, a VPC, a retry of its own)."""
    for function in graph.any_of("Lambda::Function"):
        # Snapshots are a setting of the stage.
        if different := PROPERTIES ^ (function.properties.keys() - {"SnapStart"}):
            yield f"{function.name}: {sorted(different)} are missing or not expected"


def _expected(graph: Graph, mapping: Resource | None, there: dict[str, Any]) -> dict[str, Any]:
    if mapping is None:
        return {}
    queue = found(graph, mapping.properties["EventSourceArn"])
    if queue is not None:
        redrive = queue.properties.get("RedrivePolicy", {})
        url = _url(redrive.get("deadLetterTargetArn", ""))
        return {
            "MAX_RECEIVE_COUNT": str(redrive.get("maxReceiveCount")),
            "DEAD_LETTER_QUEUE_URL": url,
        }
    failed = mapping.properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination", "")
    return {"DEAD_LETTER_QUEUE_URL": _url(failed)} if there else {}


def _variables(function: Resource) -> dict[str, Any]:
    return dict(function.properties.get("Environment", {}).get("Variables", {}))


def _function_of(mapping: Resource) -> str:
    return str(mapping.properties["FunctionName"].split(":")[-2])


def _url(arn: str) -> str:
    """The URL of the queue with that ARN."""
    _, _, service, region, account, name = (arn or ":::::").split(":")
    return f"https://{service}.{region}.amazonaws.com/{account}/{name}"
