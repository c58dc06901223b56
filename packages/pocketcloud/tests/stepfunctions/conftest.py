"""An empty cloud, and helpers to run state machines."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from small_world import World

from pocketcloud import OfflineCloud

States = dict[str, Any]
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def cloud() -> Iterator[OfflineCloud]:
    with OfflineCloud() as cloud:
        yield cloud


@pytest.fixture
def world(cloud: OfflineCloud) -> World:
    return World(cloud)


@pytest.fixture
def create(world: World) -> Callable[..., str]:
    """Create the state machine `m` of these states, which starts at the first."""

    def create_it(states: States, **options: Any) -> str:
        top = {name: options.pop(name) for name in ("TimeoutSeconds",) if name in options}
        definition = json.dumps({"StartAt": next(iter(states)), "States": states, **top})
        client = world.cloud.client("stepfunctions")
        made = client.create_state_machine(name="m", definition=definition, roleArn=world.role(), **options)
        return str(made["stateMachineArn"])

    return create_it


@pytest.fixture
def run(world: World, create: Callable[..., str]) -> Run:
    """Create a state machine, run it until it ends, and return its description with parsed output."""

    def run_it(states: States, document: Any = None, **options: Any) -> dict[str, Any]:
        client = world.cloud.client("stepfunctions")
        text = json.dumps({} if document is None else document)
        started = client.start_execution(stateMachineArn=create(states, **options), input=text)
        world.cloud.settle()
        found = client.describe_execution(executionArn=started["executionArn"])
        return {**found, "output": json.loads(found.get("output", "null"))}

    return run_it
