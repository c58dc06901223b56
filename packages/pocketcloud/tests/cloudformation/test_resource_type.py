"""Which properties a resource type takes."""

import pytest

from pocketcloud.cloudformation.resources import RESOURCE_TYPES
from pocketcloud.cloudformation.resources.resource_type import Created, ResourceType

TABLE = ResourceType(
    name="AWS::Test::Table",
    create=lambda request: Created(ref=request.logical_id),
    supported=frozenset({"Name", "Keys", "Replicas.Region"}),
    ignored={"Tags": "nothing reads them", "Replicas.Backup": "no backups"},
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
def test_a_property_neither_carried_out_nor_left_out_is_undeclared(
    properties: dict[str, object], undeclared: list[str]
) -> None:
    assert TABLE.undeclared(properties) == undeclared


@pytest.mark.parametrize("kind", RESOURCE_TYPES.values(), ids=lambda kind: kind.name)
def test_no_property_is_both_carried_out_and_left_out(kind: ResourceType) -> None:
    assert kind.supported.isdisjoint(kind.ignored)


@pytest.mark.parametrize("kind", RESOURCE_TYPES.values(), ids=lambda kind: kind.name)
def test_whatever_is_left_out_has_its_reason(kind: ResourceType) -> None:
    assert all(len(reason.split()) > 2 for reason in kind.ignored.values())
