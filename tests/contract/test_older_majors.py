"""Tests that events in an older major version of a schema, in archives and queues, stay readable.

`golden` has an event of every version that was ever released. Never edit one. `ParcelWeighed` is an example
with three major versions.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import msgspec
import pytest
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from contract_files.versions import released
from functions.contracts import registry
from functions.contracts.orders import OrderCreatedV1
from functions.contracts.values import Customer
from functions.shared.contracts import codec
from functions.shared.contracts.codec import Rejected
from functions.shared.contracts.fact import Fact, Older
from tests.unit.functions.builders import an_event, an_order_created

GOLDEN = Path(__file__).parent / "golden"


class ParcelWeighedV1(Older, frozen=True, kw_only=True):
    """In pounds, as text."""

    parcel: str
    pounds: str

    def upcast(self) -> "ParcelWeighedV2":
        return ParcelWeighedV2(parcel=self.parcel, ounces=int(self.pounds) * 16)

    @classmethod
    def downcast(cls, later: "ParcelWeighedV2") -> Self:
        return cls(parcel=later.parcel, pounds=str(later.ounces // 16))


class ParcelWeighedV2(Older, frozen=True, kw_only=True):
    """In ounces."""

    parcel: str
    ounces: int

    def upcast(self) -> "ParcelWeighed":
        return ParcelWeighed(parcel=self.parcel, grams=round(self.ounces * 28.349523125))

    @classmethod
    def downcast(cls, later: "ParcelWeighed") -> Self:
        return cls(parcel=later.parcel, ounces=round(later.grams / 28.349523125))


class ParcelWeighed(Fact, frozen=True, kw_only=True):
    """In grams; the scale is new, and older events do not name one."""

    owner: ClassVar[str] = "scales"
    version: ClassVar[int] = 3
    older: ClassVar[Mapping[int, type[Older]]] = {1: ParcelWeighedV1, 2: ParcelWeighedV2}

    parcel: str
    grams: int
    scale: Literal["unknown", "dock"] = "unknown"


@pytest.fixture(autouse=True)
def parcels(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {**registry.FACTS, "ParcelWeighed": ParcelWeighed}
    contracts = replace(registry.CONTRACTS, facts=facts)
    monkeypatch.setattr(codec, "domain_contracts", lambda: contracts)


def golden(major: int) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((GOLDEN / f"ParcelWeighed.v{major}.json").read_text())
    return document


@pytest.mark.parametrize(
    ("major", "weighed"),
    [
        (1, ParcelWeighed(parcel="P-1", grams=907)),
        (2, ParcelWeighed(parcel="P-1", grams=907)),
        (3, ParcelWeighed(parcel="P-1", grams=907, scale="dock")),
    ],
)
def test_each_major_version_is_read_as_the_latest(major: int, weighed: ParcelWeighed) -> None:
    event = codec.read(json.dumps(golden(major)))
    assert event.fact == weighed
    assert event.id == golden(major)["id"]


def test_write_uses_the_latest_major_version() -> None:
    document = json.loads(codec.write(codec.read(json.dumps(golden(1)))))
    assert document["dataschema"] == "urn:orderbus:schema:scales:ParcelWeighed:3"
    assert document["data"] == {"parcel": "P-1", "grams": 907, "scale": "unknown"}


@pytest.mark.parametrize("data", [{}, {"parcel": "P-1"}, {"parcel": "P-1", "pounds": 2}, [], None])
def test_older_document_must_match_its_own_version(data: Any) -> None:
    with pytest.raises(Rejected, match="data_invalid"):
        codec.read(json.dumps({**golden(1), "data": data}))


@pytest.mark.parametrize("major", [0, 4])
def test_major_version_is_rejected_without_an_upcast(major: int) -> None:
    schema = f"urn:orderbus:schema:scales:ParcelWeighed:{major}"
    with pytest.raises(Rejected, match="schema_major_unsupported"):
        codec.read(json.dumps({**golden(3), "dataschema": schema}))


GOLDEN_EVENTS = sorted(GOLDEN.glob("*.json"))


@pytest.mark.parametrize("path", GOLDEN_EVENTS, ids=lambda path: path.stem)
def test_every_released_version_is_still_read(path: Path) -> None:
    name, version = path.name.split(".")[:2]
    document = json.loads(path.read_text())
    event = codec.read(path.read_text())
    assert type(event.fact).__name__ == name
    assert f"v{event.major}" == version
    assert (event.id, event.subject) == (document["id"], document["subject"])
    if event.major == type(event.fact).version:
        assert json.loads(msgspec.json.encode(event.fact)) == document["data"]


def test_every_released_version_has_a_golden_event() -> None:
    versions = {f"{version.name}.v{version.major}" for version in released()}
    assert versions <= {".".join(path.name.split(".")[:2]) for path in GOLDEN_EVENTS}


@pytest.mark.parametrize("gift", [UNSET, "For Charles"])
def test_order_is_the_same_in_both_versions(gift: str | UnsetType) -> None:
    order = an_order_created(gift_message=gift)
    first = OrderCreatedV1.downcast(order)
    assert first.customer == Customer(id=order.customer_id, email=order.email)
    assert first.upcast() == order


def test_event_is_published_in_version_of_the_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLISH_VERSIONS", '{"OrderCreated": 1}')
    event = an_event(an_order_created())
    document = json.loads(codec.write(event))
    assert document["dataschema"].endswith(":OrderCreated:1")
    assert document["data"]["customer"] == {"id": "ada", "email": "ada@example.com"}
    assert codec.read(json.dumps(document)) == event


@pytest.mark.parametrize(("major", "data"), [(2, {"ounces": 32}), (1, {"pounds": "2"})])
def test_version_is_published_step_by_step_down(
    monkeypatch: pytest.MonkeyPatch, major: int, data: dict[str, Any]
) -> None:
    monkeypatch.setenv("PUBLISH_VERSIONS", json.dumps({"ParcelWeighed": major}))
    document = json.loads(codec.write(codec.read(json.dumps(golden(3)))))
    assert document["dataschema"] == f"urn:orderbus:schema:scales:ParcelWeighed:{major}"
    assert document["data"] == {"parcel": "P-1", **data}
