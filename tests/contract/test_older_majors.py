"""Tests that events in an older major version of a schema, in archives and queues, stay readable.

No fact of ours has a second major version yet. `ParcelWeighed` is an example of the first one: it has three
major versions, each with one golden document. Never edit a golden document.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest
from msgspec.structs import replace

from functions.contracts import registry
from functions.shared.contracts import codec
from functions.shared.contracts.codec import Rejected
from functions.shared.contracts.fact import Fact, Older

SCHEMAS = Path(__file__).parents[2] / "schemas"
GOLDEN = Path(__file__).parent / "golden"


class ParcelWeighedV1(Older, frozen=True, kw_only=True):
    """In pounds, as text."""

    parcel: str
    pounds: str

    def upcast(self) -> "ParcelWeighedV2":
        return ParcelWeighedV2(parcel=self.parcel, ounces=int(self.pounds) * 16)


class ParcelWeighedV2(Older, frozen=True, kw_only=True):
    """In ounces."""

    parcel: str
    ounces: int

    def upcast(self) -> "ParcelWeighed":
        return ParcelWeighed(parcel=self.parcel, grams=round(self.ounces * 28.349523125))


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


EXAMPLES = sorted(SCHEMAS.glob("*/*.example.json"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_published_example_is_still_read(path: Path) -> None:
    """A new major version keeps the older schema and example, and adds an upcast."""
    name, major = path.name.split(".")[0], path.name.split(".v")[1].split(".")[0]
    data = json.loads(path.read_text())
    envelope = json.loads((SCHEMAS / "Envelope.v1.example.json").read_text())
    changes = {
        "source": path.parent.name,
        "type": name,
        "dataschema": f"urn:orderbus:schema:{path.parent.name}:{name}:{major}",
        "subject": data.get(getattr(registry.FACTS[name], "about", ""), "subject"),
        "data": data,
    }
    fact = codec.read(json.dumps({**envelope, **changes})).fact
    assert type(fact) is registry.FACTS[name]
    assert type(fact).version >= int(major)
