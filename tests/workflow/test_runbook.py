"""The runbook has a section for each kind of alarm, and its commands end the fault."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infrastructure.alarm_kinds import AlarmKind
from pocketcloud import OfflineCloud
from tests.workflow.dead_letter_queues import groups, present_violations
from tests.workflow.runbook import RunbookReader, first_commands, sections
from tests.workflow.runbook_scenarios import RUNBOOK_SCENARIOS, RunbookScenario
from tests.workflow.shop import PREFIX, Shop, an_order
from tests.workflow.test_alarms import fired_alarms

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


def runbook_reader(shop: Shop, alarm: str, kind: AlarmKind) -> RunbookReader:
    what = sections()[kind].what(f"{PREFIX}-{alarm}")
    assert what is not None, alarm
    return RunbookReader(shop.cloud, {"STAGE": "dev", "WHAT": what})


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
            if "$." in line:
                continue  # a field of the access log, which API Gateway writes
            for phrase in set(re.findall(r'"(.*?)"', line)) - WRITTEN_BY_LAMBDA:
                assert f'"{phrase}"' in code, phrase


def test_commands_for_every_alarm_run(shop: Shop) -> None:
    RunbookReader(shop.cloud, {}).types(first_commands())


@pytest.mark.parametrize("scenario", RUNBOOK_SCENARIOS, ids=lambda scenario: scenario.kind)
def test_commands_end_the_fault(
    shop: Shop, scenario: RunbookScenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    reader = runbook_reader(shop, scenario.alarm, scenario.kind)
    first, *rest = sections()[scenario.kind].blocks
    reader.known["SINCE"] = datetime.now(UTC).isoformat()
    with scenario.fault(shop):
        assert scenario.alarm in fired_alarms(shop)
        # A customer reports an order; the alarm's history has the hours.
        reader.known["ORDER"] = shop.rows("event-log")[0]["pk"].partition("#")[2]
        reader.types(first)
    reader.known["UNTIL"] = datetime.now(UTC).isoformat()
    for block in rest:
        shop.cloud.settle()
        reader.types(block)
    shop.cloud.settle()
    shop.cloud.advance(seconds=scenario.over.total_seconds())
    assert groups() == []
    assert shop.cloud.alarms.in_alarm == []
    assert present_violations(shop) == []
    assert {row["status"] for row in shop.orders()} == {scenario.ends}


def test_every_kind_that_can_fire_here_has_a_scenario(shop: Shop) -> None:
    assert {scenario.kind for scenario in RUNBOOK_SCENARIOS} == set(alarms_of(shop.cloud).values())


@pytest.mark.parametrize("kind", sorted(set(AlarmKind) - {scenario.kind for scenario in RUNBOOK_SCENARIOS}))
def test_commands_run_when_no_scenario_exists(shop: Shop, kind: AlarmKind) -> None:
    order = shop.place(an_order())
    shop.cloud.settle()
    filled_in = {"WHAT": "orders", "ORDER": order, "SINCE": "1h", "UNTIL": "1m"}
    reader = RunbookReader(shop.cloud, {"STAGE": "dev", **filled_in})
    for block in sections()[kind].blocks:
        # test_runbook_with_stripe.py and test_absent_orders.py type these lines, in stages that have both.
        reader.types([line for line in block if not re.search("-(webhooks|heartbeat) ", line)])
