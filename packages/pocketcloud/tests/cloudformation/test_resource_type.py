"""Supported, ignored and undeclared properties of a resource type."""

import pytest

from pocketcloud.cloudformation.resources import RESOURCE_TYPES
from pocketcloud.cloudformation.resources.resource_type import Created, ResourceType

TABLE = ResourceType(
    name="AWS::Test::Table",
    create=lambda request: Created(ref=request.logical_id),
    supported=frozenset({"Name", "Keys", "Replicas.Region"}),
    ignored={"Tags": "they have no effect", "Replicas.Backup": "no backups"},
)


@pytest.mark.parametrize(
    ("properties", "undeclared"),
    [
        ({"Name": "x", "Tags": []}, []),
        ({"Name": "x", "Colour": "red", "Age": 5}, ["Age", "Colour"]),
        ({"Keys": {"anything": {"goes": True}}}, []),
        ({"Replicas": [{"Region": "x", "Backup": {}}, {"Kinesis": 1}]}, ["Replicas.Kinesis"]),
        ({"Replicas": {"Ref": "Parameter"}}, []),
    ],
)
def test_property_is_undeclared_when_neither_supported_nor_ignored(
    properties: dict[str, object], undeclared: list[str]
) -> None:
    assert TABLE.undeclared(properties) == undeclared


@pytest.mark.parametrize("kind", RESOURCE_TYPES.values(), ids=lambda kind: kind.name)
def test_no_property_is_both_supported_and_ignored(kind: ResourceType) -> None:
    assert kind.supported.isdisjoint(kind.ignored)


@pytest.mark.parametrize("kind", RESOURCE_TYPES.values(), ids=lambda kind: kind.name)
def test_every_ignored_property_has_a_reason(kind: ResourceType) -> None:
    assert all(len(reason.split()) > 2 for reason in kind.ignored.values())
