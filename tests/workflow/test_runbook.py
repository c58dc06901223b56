"""The runbook has a section for each kind of alarm, and what it says to type ends the trouble it is about."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infrastructure.observability.alarm_kinds import AlarmKind
from pocketcloud import OfflineCloud
from tests.workflow.dead_letters import groups, wrong_with
from tests.workflow.drills import DRILLS, Drill
from tests.workflow.runbook import Person, first_commands, sections
from tests.workflow.shop import PREFIX, Shop, an_order
from tests.workflow.test_alarms import rang

FUNCTIONS = Path(__file__).parents[2] / "functions"
LAMBDA_S_OWN = {"ERROR", "timed out", "Runtime exited"}
"""What Lambda writes into a function's log when that fails."""


def alarms_of(cloud: OfflineCloud) -> dict[str, AlarmKind]:
    """The kind of each alarm there is, by the page that its description names."""
    pages = cloud.client("cloudwatch").get_paginator("describe_alarms")
    found = [
        alarm
        for page in pages.paginate(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        for alarm in (*page["MetricAlarms"], *page.get("CompositeAlarms", []))
    ]
    return {each["AlarmName"]: AlarmKind(each["AlarmDescription"].rpartition("#")[2]) for each in found}


def a_person(shop: Shop, alarm: str, kind: AlarmKind) -> Person:
    what = sections()[kind].what(f"{PREFIX}-{alarm}")
    assert what is not None, alarm
    return Person(shop.cloud, {"STAGE": "dev", "WHAT": what})


def test_the_page_has_a_section_for_each_kind_and_no_other() -> None:
    assert list(sections()) == list(AlarmKind)


@pytest.mark.parametrize("kind", AlarmKind)
def test_a_section_says_how_soon_somebody_has_to_look(kind: AlarmKind) -> None:
    assert sections()[kind].first_line.endswith(f"Severity: {kind.severity}.")


def test_an_alarm_is_named_by_its_own_section_and_no_other(shop: Shop) -> None:
    for alarm, kind in alarms_of(shop.cloud).items():
        named = [anchor for anchor, section in sections().items() if section.what(alarm) is not None]
        assert named == [kind], alarm


def test_a_line_that_is_looked_for_in_a_log_is_one_that_is_written() -> None:
    code = "".join(path.read_text() for path in FUNCTIONS.rglob("*.py")).lower()
    for section in sections().values():
        for line in re.findall(r"--filter-pattern '(.*)'", section.text):
            for phrase in set(re.findall(r'"(.*?)"', line)) - LAMBDA_S_OWN:
                assert f'"{phrase}"' in code, phrase


def test_what_is_typed_first_can_be_typed(shop: Shop) -> None:
    Person(shop.cloud, {}).types(first_commands())


@pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: drill.kind)
def test_what_the_page_says_ends_the_trouble(
    shop: Shop, drill: Drill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    person = a_person(shop, drill.alarm, drill.kind)
    first, *rest = sections()[drill.kind].blocks
    person.known["SINCE"] = datetime.now(UTC).isoformat()
    with drill.trouble(shop):
        assert drill.alarm in rang(shop)
        # Whoever complains has an order, and the alarm's history its hours.
        person.known["ORDER"] = shop.rows("event-log")[0]["pk"].partition("#")[2]
        person.types(first)
    person.known["UNTIL"] = datetime.now(UTC).isoformat()
    for block in rest:
        shop.cloud.settle()
        person.types(block)
    shop.cloud.settle()
    shop.cloud.advance(seconds=drill.over.total_seconds())
    assert groups() == []
    assert shop.cloud.alarms.in_alarm == []
    assert wrong_with(shop) == []
    assert {row["status"] for row in shop.rows("orders")} == {drill.ends}


def test_there_is_a_drill_for_each_kind_that_can_ring_here(shop: Shop) -> None:
    assert {drill.kind for drill in DRILLS} == set(alarms_of(shop.cloud).values())


@pytest.mark.parametrize("kind", sorted(set(AlarmKind) - {drill.kind for drill in DRILLS}))
def test_what_no_drill_is_for_can_be_typed(shop: Shop, kind: AlarmKind) -> None:
    order = shop.place(an_order())
    shop.cloud.settle()
    filled_in = {"WHAT": "orders", "ORDER": order, "SINCE": "1h", "UNTIL": "1m"}
    person = Person(shop.cloud, {"STAGE": "dev", **filled_in})
    for block in sections()[kind].blocks:
        # There are no webhooks without Stripe: test_runbook_with_stripe.py types those lines.
        person.types([line for line in block if "-webhooks" not in line])
