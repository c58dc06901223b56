"""The runbook has a section for each kind of alarm, and its commands end the fault."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infrastructure.observability.alarm_kinds import AlarmKind
from pocketcloud import OfflineCloud
from tests.workflow.dead_letter_queues import groups, present_violations
from tests.workflow.runbook_scenarios import DRILLS, Drill
from tests.workflow.runbook import Person, first_commands, sections
from tests.workflow.shop import PREFIX, Shop, an_order
from tests.workflow.test_alarms import rang

FUNCTIONS = Path(__file__).parents[2] / "functions"
WRITTEN_BY_LAMBDA = {"ERROR", "timed out", "Runtime exited"}
"""Lambda writes these into the log of a function that fails."""
PARTS = ["Severity", "Meaning", "Diagnose", "Fix", "Avoid"]


def alarms_of(cloud: OfflineCloud) -> dict[str, AlarmKind]:
    """Return the kind of each alarm, from the link in its description."""
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


def test_page_has_one_section_per_kind_of_alarm() -> None:
    assert list(sections()) == list(AlarmKind)


@pytest.mark.parametrize("kind", AlarmKind)
def test_section_has_the_severity_of_its_alarm(kind: AlarmKind) -> None:
    assert sections()[kind].severity == kind.severity.name.lower()


@pytest.mark.parametrize("kind", AlarmKind)
def test_section_has_its_five_parts_in_order(kind: AlarmKind) -> None:
    assert sections()[kind].parts == PARTS


def test_alarm_is_named_by_its_section_only(shop: Shop) -> None:
    for alarm, kind in alarms_of(shop.cloud).items():
        named = [anchor for anchor, section in sections().items() if section.what(alarm) is not None]
        assert named == [kind], alarm


def test_filter_pattern_matches_a_line_that_functions_log() -> None:
    code = "".join(path.read_text() for path in FUNCTIONS.rglob("*.py")).lower()
    for section in sections().values():
        for line in re.findall(r"--filter-pattern '(.*)'", section.text):
            for phrase in set(re.findall(r'"(.*?)"', line)) - WRITTEN_BY_LAMBDA:
                assert f'"{phrase}"' in code, phrase


def test_commands_for_every_alarm_run(shop: Shop) -> None:
    Person(shop.cloud, {}).types(first_commands())


@pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: drill.kind)
def test_commands_end_the_fault(
    shop: Shop, drill: Drill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    person = a_person(shop, drill.alarm, drill.kind)
    first, *rest = sections()[drill.kind].blocks
    person.known["SINCE"] = datetime.now(UTC).isoformat()
    with drill.trouble(shop):
        assert drill.alarm in rang(shop)
        # A customer reports an order; the alarm's history has the hours.
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
    assert present_violations(shop) == []
    assert {row["status"] for row in shop.rows("orders")} == {drill.ends}


def test_every_kind_that_can_fire_here_has_a_drill(shop: Shop) -> None:
    assert {drill.kind for drill in DRILLS} == set(alarms_of(shop.cloud).values())


@pytest.mark.parametrize("kind", sorted(set(AlarmKind) - {drill.kind for drill in DRILLS}))
def test_commands_run_when_no_drill_exists(shop: Shop, kind: AlarmKind) -> None:
    order = shop.place(an_order())
    shop.cloud.settle()
    filled_in = {"WHAT": "orders", "ORDER": order, "SINCE": "1h", "UNTIL": "1m"}
    person = Person(shop.cloud, {"STAGE": "dev", **filled_in})
    for block in sections()[kind].blocks:
        # Only Stripe has webhooks: test_runbook_with_stripe.py types those lines.
        person.types([line for line in block if "-webhooks" not in line])
