"""Stateful resources keep their logical ids: CloudFormation replaces a resource whose id changes.

`python -m tests.infrastructure.topology.frozen` adds new ids to the file (`make frozen`).
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from app import PATHS, ROOT
from infrastructure import synthesis, topology
from tests.infrastructure.graph import Graph

WITHOUT_COPIES = "aws:cdk:disable-asset-staging"
"""Context that leaves assets where they are: templates alone are read."""

STATEFUL = (
    "AWS::DynamoDB::Table",
    "AWS::Events::EventBus",
    "AWS::Events::Archive",
    "AWS::SQS::Queue",
    "AWS::Cognito::UserPool",
)
FILE = Path(__file__).parents[1] / "frozen_logical_ids.json"
"""`make frozen` adds new ids. To remove one, migrate its data first; then delete its line here."""


def held(graph: Graph) -> list[str]:
    """Stateful resources: the stack without its stage, the logical id and the type."""
    return sorted(
        f"{each.stack.split('-', 2)[2]} {each.logical_id} {each.type}"
        for each in graph.resources
        if each.type in STATEFUL
    )


def of_the_simulated_gateway(known: str) -> bool:
    """Return whether the resource belongs to the simulated gateway; a real one does not need it."""
    simulated = {
        f"{service.name} {table.name.title()}Table"
        for service in topology.SERVICES
        for table in service.tables
        if table.only_when == topology.WITH_SIMULATED_GATEWAY
    }
    return known.startswith(tuple(simulated))


def data_stays_where_it_is(graph: Graph) -> Iterator[str]:
    """Every stateful resource has its frozen logical id."""
    has_a_real_gateway = bool(graph.any_of("SecretsManager::Secret"))
    for known in json.loads(FILE.read_text()):
        if has_a_real_gateway and of_the_simulated_gateway(known):
            continue
        if known not in held(graph):
            yield f"{known} is gone: deploying this would delete it"


def add_new() -> list[str]:
    """Add the ids of the current stage; a missing id stays, and its check still fails."""
    with tempfile.TemporaryDirectory() as folder:
        context = json.loads((ROOT / "cdk.json").read_text())["context"]
        context = {**context, **PATHS, "stage": "dev", WITHOUT_COPIES: True}
        synthesis.synthesise(Path(folder), context=context, is_validated=False)
        found = held(Graph(Path(folder)))
    known = json.loads(FILE.read_text())
    FILE.write_text(json.dumps(sorted({*known, *found}), indent=2) + "\n")
    return sorted(set(found) - set(known))


if __name__ == "__main__":
    added = add_new()
    sys.stdout.write("".join(f"added {each}\n" for each in added) or "The file has all of them.\n")
