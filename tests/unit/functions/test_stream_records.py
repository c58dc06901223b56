"""The records on the ordered stream, and their requests."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from functions.stream.records import OrderedRecord, inserted, waves


def change(number: int, name: str = "INSERT", **image: Any) -> dict[str, Any]:
    row = {"pk": {"S": "payments#order-1"}, "sk": {"S": "payment"}, **image}
    return {"eventName": name, "dynamodb": {"SequenceNumber": str(number), "NewImage": row}}


def test_records_are_keyed_by_the_aggregate_of_their_row() -> None:
    (record,) = inserted([change(7, event={"S": "{}"})])
    assert record == OrderedRecord("7", "order-1", "{}")


def test_records_leave_out_changes_and_rows_without_event() -> None:
    assert inserted([change(1, "MODIFY", event={"S": "{}"}), change(2)]) == []


@given(st.lists(st.sampled_from("abcd"), max_size=40))
def test_waves_have_each_key_once_and_in_order(keys: list[str]) -> None:
    records = [OrderedRecord(str(number), key, "") for number, key in enumerate(keys)]
    sent = list(waves(records))
    assert all(len({record.key for record in wave}) == len(wave) for wave in sent)
    for key in keys:
        of_key = [record for wave in sent for record in wave if record.key == key]
        assert of_key == [record for record in records if record.key == key]
    assert sum(map(len, sent)) == len(records)
