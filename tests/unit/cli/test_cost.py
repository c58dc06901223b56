"""`orderbus cost`: its prices, its arithmetic and its errors."""

from dataclasses import replace
from datetime import date

import pytest
from typer.testing import CliRunner

from benchmarks.budget import read_budget
from cli.core.exit_codes import ExitCode
from cli.cost.assumptions import read_assumptions, shares_of
from cli.cost.bill import bill_of
from cli.cost.counting.counts import FunctionCount
from cli.cost.counting.paths import PATHS
from cli.cost.levers import levers_of
from cli.cost.limits import limits_of
from cli.cost.prices import PriceList, read_prices
from cli.cost.queueing import Limit
from cli.cost.quotas import read_quotas
from cli.cost.stage_template import read_templates
from cli.cost.usage import GIGA, Scenario, log_bytes_of_function, log_bytes_of_order, usage_of
from cli.demo.synthesis import current_assembly
from cli.main import app

REGIONS = {"us-east-1", "eu-west-1"}
SHIPPED = {"shipped": 1.0}
COUNTS = read_budget()


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    stage = read_templates(current_assembly(), "orderbus-dev")
    return Scenario.of(stage, read_assumptions(), fill=1.0)


def test_every_price_has_regions_date_and_source() -> None:
    for price in read_prices():
        assert price.dollars.keys() >= REGIONS, price.unit
        assert all(dollars > 0 for dollars in price.dollars.values()), price.unit
        assert price.date <= date.today(), price.unit  # noqa: DTZ011 - a price has a day, not a time
        assert price.source.startswith("https://aws.amazon.com/"), price.unit
        assert not price.price_list or price.price_list.startswith("https://pricing.us-east-1."), price.unit
        assert bool(price.unverified) == bool(price.unverified_because), price.unit


def test_every_quota_has_a_date_and_a_source() -> None:
    for quota in read_quotas():
        assert quota.value > 0, quota.name
        assert quota.source.startswith("https://docs.aws.amazon.com/"), quota.name


def test_services_functions_and_paths_add_up(scenario: Scenario) -> None:
    bill = bill_of(COUNTS, SHIPPED, scenario, PriceList.of("us-east-1"))
    assert sum(bill.by_function.values()) == pytest.approx(bill.without_emails)
    assert bill.by_path["shipped"] == pytest.approx(bill.without_emails)
    assert bill.orders - bill.without_emails == pytest.approx(300)
    assert bill.by_service["DynamoDB"] == pytest.approx(
        COUNTS.paths["shipped"].write_units * 0.625 + COUNTS.paths["shipped"].read_units * 0.125
    )


def test_fuller_batches_cost_less(scenario: Scenario) -> None:
    prices = PriceList.of("us-east-1")
    fills = (1, 2, 7, 10)
    bills = [bill_of(COUNTS, SHIPPED, replace(scenario, fill=fill), prices) for fill in fills]
    costs = [bill.without_emails for bill in bills]
    assert costs == sorted(costs, reverse=True)


def test_full_batches_share_lines_of_an_invocation_only(scenario: Scenario) -> None:
    count = FunctionCount(
        invocations=1,
        messages=1,
        message_log_bytes=700,
        metric_log_bytes=350,
        order_metric_log_bytes=240,
        platform_log_bytes=350,
    )
    each = log_bytes_of_function(count, 1 / 7, replace(scenario, fill=7))
    assert (each.messages, each.metrics, each.platform) == (700, 240 + 50, 50)
    sampled = replace(scenario, message_log_share=0.05, has_platform_logs=False)
    assert log_bytes_of_function(count, 1 / 7, sampled).total == 35 + 240 + 50


def test_log_bytes_of_an_order_are_the_billed_ones(scenario: Scenario) -> None:
    usage = usage_of(COUNTS.paths["shipped"], scenario)
    billed = sum(units["logs_gb"] for units in usage.values()) * GIGA
    assert log_bytes_of_order(COUNTS, SHIPPED, scenario).total == pytest.approx(billed)


def test_lever_saves_what_its_units_cost(scenario: Scenario) -> None:
    levers = {lever.name: lever for lever in levers_of(COUNTS, SHIPPED, scenario, PriceList.of("us-east-1"))}
    publishes = COUNTS.paths["shipped"].publishes
    assert levers["rules straight to queues, without topics"].per_million == pytest.approx(publishes * 0.5)
    composites = scenario.stage.resources["AWS::CloudWatch::CompositeAlarm"]
    assert levers["no alarms"].per_month == pytest.approx(
        scenario.stage.alarm_metrics * 0.1 + composites * 0.5
    )
    assert all(lever.per_million >= 0 and lever.per_month >= 0 for lever in levers.values())


def test_provisioned_stage_pays_units_at_its_target(scenario: Scenario) -> None:
    prices = PriceList.of("us-east-1")
    stage = replace(scenario.stage, provisioned_units={"read": 10, "write": 10}, target_use=0.5)
    provisioned = Scenario.of(stage, scenario.assumptions, 1.0)
    bill = bill_of(COUNTS, SHIPPED, provisioned, prices)
    units = COUNTS.paths["shipped"].write_units
    reads = COUNTS.paths["shipped"].read_units * 0.125
    assert bill.by_service["DynamoDB"] - reads == pytest.approx(units * 650 / 3600 / 0.5)
    assert bill.fixed["least provisioned units"] == pytest.approx(10 * 730 * (0.00065 + 0.00013))
    names = [lever.name for lever in levers_of(COUNTS, SHIPPED, provisioned, prices)]
    assert "provisioned write capacity with autoscaling" not in names


def test_month_grows_with_orders(scenario: Scenario) -> None:
    bill = bill_of(COUNTS, SHIPPED, scenario, PriceList.of("eu-west-1"))
    assert bill.month(2_000_000) - bill.month(1_000_000) == pytest.approx(bill.orders + bill.storage)
    assert bill.idle < bill.month(0) == pytest.approx(sum(bill.fixed.values()))


def test_limits_follow_the_settings_of_the_stage(scenario: Scenario) -> None:
    slower = replace(scenario, stage=replace(scenario.stage, api_rate_limit=7))
    limits = {limit.name: limit for limit in limits_of(COUNTS, SHIPPED, slower, "eu-west-1")}
    assert limits["HTTP API of the stage"].orders_per_second == 7
    assert limits["emails"].orders_per_second == pytest.approx(14 / 3)
    assert limits["open items in waiting"].value == 4


def test_limit_is_omitted_when_orders_do_not_need_it(scenario: Scenario) -> None:
    limits = limits_of(COUNTS, {"shipped-from-partner": 1.0}, scenario, "eu-west-1")
    assert "HTTP API of the stage" not in {limit.name for limit in limits}


def test_backlog_grows_above_the_limit() -> None:
    limit = Limit(
        name="x", setting="y", value=2, orders_per_second=10, lifted_by="z", service_ms=200, servers=2
    )
    waits = [limit.wait_ms(rate) for rate in (1, 5, 9.9)]
    assert waits == sorted(waits, key=lambda wait: wait or 0)
    assert limit.wait_ms(10) is None
    assert (limit.excess_per_hour(11), limit.excess_per_hour(9)) == (3600, 0)
    assert limit.needed(10) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--region", "mars-1"], "Use one of us-east-1, eu-west-1"),
        (["--stage", "moon"], "Use one of dev, prod"),
        (["--mix", "lost=3"], "Use one of shipped"),
        (["--mix", "shipped=many"], "Write a number of zero or more: --mix shipped=5"),
        (["--mix", "shipped=0"], "Give at least one path a weight above zero"),
        (["--fill", "0"], "--fill"),
        (["--rate", "-1"], "--rate"),
    ],
)
def test_wrong_option_says_what_to_do(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(app, ["cost", *arguments], env={"COLUMNS": "300"})
    assert result.exit_code == ExitCode.USAGE
    assert message in result.stderr


def test_default_mix_names_paths_only() -> None:
    mix = read_assumptions().mix
    assert mix.keys() <= PATHS.keys()
    assert sum(shares_of([], mix, list(PATHS)).values()) == pytest.approx(1)
