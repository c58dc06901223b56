"""An erased event names nobody, and every consumer still reads it."""

import json
from pathlib import Path

import pytest

from cli.customers.personal_data import personal_texts, without_personal_data
from functions.shared.contracts.codec import read

GOLDEN = Path(__file__).parents[2] / "contract" / "golden"
OF_A_PERSON = [path.name for path in sorted(GOLDEN.glob("Order*.json")) if "Cancelled" not in path.name]
OF_A_PERSON.append("ShipmentScheduled.v1.gift_message.json")


def document_of(name: str) -> str:
    return json.dumps(json.loads((GOLDEN / name).read_text()))


@pytest.mark.parametrize("name", OF_A_PERSON)
def test_erased_event_is_readable_and_names_nobody(name: str) -> None:
    document = document_of(name)
    texts, erased = personal_texts(document), without_personal_data(document)
    assert texts
    assert [text for text in texts if text in erased] == []
    assert personal_texts(erased) == set()
    before, after = read(document), read(erased)
    assert (after.id, after.time, after.cause, after.major) == (
        before.id,
        before.time,
        before.cause,
        before.major,
    )
    assert without_personal_data(erased) == erased


@pytest.mark.parametrize("name", ["PaymentProcessed.v1.json", "InventoryReserved.v1.json"])
def test_event_without_a_person_stays_as_it_is(name: str) -> None:
    assert without_personal_data(document_of(name)) == document_of(name)
