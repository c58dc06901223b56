"""An event is mended only into one that its consumer takes, and every difference is told."""

import json
from typing import Any

import pytest

from ops.dead_letters.amendment import Change, UnusableAmendmentError, amended
from tests.workflow.shop import a_checkout, checkout_entry


def a_body(**detail: Any) -> str:
    entry = checkout_entry(a_checkout())
    document = {**json.loads(entry["Detail"]), **detail}
    return json.dumps(
        {"source": entry["Source"], "detail-type": entry["DetailType"], "account": "1", "detail": document}
    )


def mended(body: str, *settings: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(amended(body, settings=settings, document=None).body)
    return document


def test_a_value_is_set_at_its_pointer_and_all_else_stays() -> None:
    before = json.loads(a_body())
    after = mended(a_body(), "/data/lines/1/quantity=7", "/data/customer/email=eve@example.com")
    before["detail"]["data"]["lines"][1]["quantity"] = 7
    before["detail"]["data"]["customer"]["email"] = "eve@example.com"
    assert after == before


def test_the_difference_names_what_was_and_what_is() -> None:
    found = amended(a_body(), settings=["/data/lines/0/quantity=3"], document=None)
    assert found.changes == [Change(pointer="/data/lines/0/quantity", before="1", after="3")]


def test_the_whole_event_may_be_given() -> None:
    document = json.loads(a_body())["detail"]
    found = amended(a_body(dataschema="urn:none"), settings=[], document=json.dumps(document))
    assert [change.pointer for change in found.changes] == ["/dataschema"]
    assert json.loads(found.body)["detail"] == document


def test_sns_s_envelope_is_taken_off() -> None:
    wrapped = json.dumps({"Type": "Notification", "Message": a_body()})
    assert mended(wrapped, "/data/lines/0/quantity=3")["source"] == "storefront"


@pytest.mark.parametrize(
    ("body", "setting"),
    [
        ("this is not JSON", "/data=1"),
        ("[]", "/data=1"),
        (a_body(), "data/lines=1"),
        (a_body(), "/data/lines/0/quantity"),
        (a_body(), "/data/lines/-1/quantity=2"),
        (a_body(), "/data/lines/9/quantity=2"),
        (a_body(), "/data/nothing/there=2"),
        (a_body(), "/data/lines/0/quantity=0"),
        (a_body(), "/data/lines/0/quantity=1"),
        (a_body(), "/source=payments"),
        (a_body(), "/type=PaymentProcessed"),
    ],
)
def test_what_cannot_be_done_or_would_not_be_taken_is_refused(body: str, setting: str) -> None:
    with pytest.raises(UnusableAmendmentError):
        amended(body, settings=[setting], document=None)
