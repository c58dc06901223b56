"""Templates broken on purpose, with one fault each."""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.infrastructure.graph import Graph
from tests.infrastructure.topology.test_the_graph import Check

Properties = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """A change of the first resource of a type with these words, and the expected report."""

    check: Check
    kind: str
    words: str
    do: Callable[[Properties], object]
    report: str

    def __str__(self) -> str:
        return f"{self.check.__name__}: {self.report}"


def drop(name: str) -> Callable[[Properties], object]:
    return lambda properties: properties.pop(name)


def put(**values: Any) -> Callable[[Properties], object]:
    return lambda properties: properties.update(values)


def broken(graph: Graph, fault: Fault) -> Graph:
    """Return the graph with the fault in one copied template."""
    stack, logical_id = first(graph.templates, fault.kind, fault.words)
    template = copy.deepcopy(graph.templates[stack])
    fault.do(template["Resources"][logical_id]["Properties"])
    return graph.with_template(stack, template)


def first(templates: dict[str, dict[str, Any]], kind: str, words: str) -> tuple[str, str]:
    """Return the stack and the logical id of the first resource of the type with the words."""
    return next(
        (stack, logical_id)
        for stack, template in templates.items()
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == kind and words in json.dumps(resource)
    )
