"""An invalid message is handled, retried or dead-lettered as the table says; nothing else happens."""

import re
from pathlib import Path

import pytest

from functions.inventory.handler import handle
from tests.bad_inputs.event_row import CANARY, Row
from tests.bad_inputs.event_rows import ROWS
from tests.unit.functions import account
from tests.unit.functions.account import everything
from tests.unit.functions.builders import NO_FAILURES, Context, a_batch, retried
from tests.unit.functions.output import Output

pytestmark = pytest.mark.usefixtures("aws")

HERE = Path(__file__).parent
DECISION = HERE.parents[1] / "docs/decisions/0025-bad-events.md"
CATALOGUE = [f"E{number}" for number in range(1, 53)]
ATTRIBUTES = {
    *("reason", "detail", "error_class", "consumer", "event_id", "schema", "message_id"),
    *("first_seen", "receive_count"),
}
COUNTED = {"handled": "Handled", "retried": "Retried", "dead_lettered": "DeadLettered"}


@pytest.fixture(autouse=True)
def stock(aws: None) -> None:
    account.stock(TEAPOT=10, CUP=10)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_message_has_exactly_the_effects_in_the_table(row: Row, output: Output) -> None:
    before = everything()
    expected = retried("message-0") if row.gets == "retried" else NO_FAILURES
    assert handle(a_batch(row.body), Context()) == expected
    assert output.metrics() == {COUNTED[row.gets]: 1, **row.also}
    assert CANARY not in output.everything()
    if row.gets != "handled":
        assert everything() == before
    if row.gets == "dead_lettered":
        labelled_with_its_reason(row, output)
    else:
        assert account.dead_lettered() == []
        assert len(output.logs()) == (row.gets == "retried")


def labelled_with_its_reason(row: Row, output: Output) -> None:
    """One line and one dead-lettered message say the same, and the message brings the message as it came."""
    (message,) = account.dead_lettered()
    assert message.body == (row.body or '""')
    assert message.attributes.keys() == ATTRIBUTES
    assert (message.attributes["event_id"], message.attributes["schema"]) == row.labels
    known = {
        "reason": row.reason,
        "error_class": "Rejected",
        "event_id": row.labels[0],
        "schema": row.labels[1],
        "message_id": "message-0",
        "receive_count": "1",
    }
    expected = {"consumer": "inventory", "first_seen": "1795428000001", **known}
    assert {name: message.attributes[name] for name in expected} == expected
    assert all(len(value) <= 256 and value.isprintable() for value in message.attributes.values())
    assert CANARY not in str(message.attributes)
    (line,) = output.logs()
    assert {name: line[name] for name in known} == known


def test_every_case_has_a_test_and_a_decision_line() -> None:
    tests = "".join(path.read_text() for path in HERE.glob("test_events*.py"))
    tested = {f"E{number}" for number in re.findall(r"def test_e(\d+)_", tests)}
    assert sorted({row.case for row in ROWS} | tested, key=CATALOGUE.index) == CATALOGUE
    assert re.findall(r"^\| (E\d+) \|", DECISION.read_text(), flags=re.MULTILINE) == CATALOGUE
