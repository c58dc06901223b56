"""The files of tests share one deployment; none sees what another changed."""

from collections import deque
from collections.abc import Iterator
from enum import Enum
from typing import Any

import pytest
from moto.core.base_backend import BackendDict

from pocketcloud import OfflineCloud
from pocketcloud.snapshots import deployments
from tests.shared_cloud import SharedCloud
from tests.workflow.shop import PREFIX, Shop, an_order


def test_shared_cloud_stays_deployed_when_only_data_was_written(shared_cloud: SharedCloud) -> None:
    cloud = shared_cloud.opened()
    began = cloud.clock.now()
    cloud.client("dynamodb").put_item(TableName=f"{PREFIX}-contacts", Item={"order_id": {"S": "1"}})
    cloud.advance(minutes=5)
    again = shared_cloud.opened()
    assert again is cloud
    assert (again.clock.now(), again.deliveries, Shop(cloud).rows("contacts")) == (began, [], [])


def test_shared_cloud_is_redeployed_when_a_test_changed_it(shared_cloud: SharedCloud) -> None:
    changed = shared_cloud.opened()
    changed.client("sqs").create_queue(QueueName="left-behind")
    again = shared_cloud.opened()
    queues = again.client("sqs").list_queues(QueueNamePrefix="left-behind")
    assert again is not changed
    assert "QueueUrls" not in queues


def changeable(cloud: OfflineCloud) -> dict[int, object]:
    """Return every object of the account's state that can change, by identity."""
    backends = [each for store in vars(BackendDict)["_instances"] for each in regions_of(store)]
    waiting: list[Any] = [*backends, cloud.services, vars(cloud)["_deployment"]]
    found: dict[int, object] = {}
    while waiting:
        each = waiting.pop()
        if id(each) not in found:
            inner = list(members(each))
            if inner:
                found[id(each)] = each
                waiting += inner
    return {key: each for key, each in found.items() if not is_constant(each)}


def regions_of(store: Any) -> list[Any]:
    return [backend for by_region in store.values() for backend in by_region.values()]


def members(each: Any) -> Iterator[object]:
    if isinstance(each, dict):
        yield from (*each, *each.values())
    elif isinstance(each, (deque, frozenset, list, set, tuple)):
        yield from each
    elif type(each).__module__.startswith(("moto.", "pocketcloud.")) and not isinstance(each, (Enum, type)):
        yield from getattr(each, "__dict__", {}).values()
        names = [name for kind in type(each).__mro__ for name in getattr(kind, "__slots__", ())]
        yield from (getattr(each, name, None) for name in names)


def is_constant(each: object) -> bool:
    parameters = getattr(each, "__dataclass_params__", None)
    return isinstance(each, (frozenset, tuple)) or (parameters is not None and parameters.frozen)


def test_restored_clouds_run_an_order_equally_and_share_nothing(
    shared_cloud: SharedCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs, states = [], []
    for number in range(3):
        cloud = shared_cloud.opened()
        states.append(changeable(cloud))
        shop = Shop(cloud)
        shop.open()
        shop.place(an_order())
        cloud.settle()
        deliveries = [(each.at, each.function, each.queue) for each in cloud.deliveries]
        runs.append((deliveries, cloud.mails))
        cloud.client("sqs").create_queue(QueueName="left-behind")
        if number:
            monkeypatch.setattr(deployments, "deploy", None)  # two were deployed: the next is restored
    assert all(runs[0])
    assert runs == [runs[0]] * 3
    shared = [type(states[1][key]).__name__ for key in states[1].keys() & states[2].keys()]
    assert (len(states[1]) > 1_000, shared) == (True, [])
