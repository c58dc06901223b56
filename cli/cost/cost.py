"""Count an order's requests offline, and print what it costs."""

from dataclasses import dataclass

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json
from cli.cost.assembly import assembly_of
from cli.cost.assumptions import read_assumptions, shares_of
from cli.cost.bill import bill_of
from cli.cost.counting.count import UnexpectedOutcomeError, count
from cli.cost.counting.counts import Counts
from cli.cost.counting.paths import PATHS
from cli.cost.limits import limits_of
from cli.cost.prices import PriceList
from cli.cost.render import print_cost
from cli.cost.render_limits import print_limits
from cli.cost.report import CostReport
from cli.cost.stage_template import StageTemplate, read_templates
from cli.cost.usage import Scenario
from cli.demo.deployment import offline_cloud
from infrastructure.names import Names


@dataclass(frozen=True, slots=True, kw_only=True)
class CostOptions:
    """The options of the command line."""

    orders_per_month: int
    fill: float
    region: str
    stage: str
    mix: tuple[str, ...] = ()
    as_json: bool = False


def show_cost(options: CostOptions) -> ExitCode:
    """Print the bill."""
    report = _report(options)
    if options.as_json:
        write_json(report.as_json(), indent=2)
    else:
        print_cost(terminal(), report)
    return ExitCode.OK


def show_rate(options: CostOptions, rate: float) -> ExitCode:
    """Print every limit at that many orders a second."""
    report = _report(options)
    limits = limits_of(report.counts, report.shares, report.scenario, options.region)
    if options.as_json:
        write_json([limit.at(rate) for limit in limits], indent=2)
    else:
        print_limits(terminal(), report, limits, rate)
    return ExitCode.OK


def _report(options: CostOptions) -> CostReport:
    """Check the options first: counting takes seconds."""
    prices, assumptions = PriceList.of(options.region), read_assumptions()
    shares = shares_of(list(options.mix), assumptions.mix, list(PATHS))
    counts, template = _counted(options.stage)
    scenario = Scenario.of(template, assumptions, options.fill)
    return CostReport(
        stage=options.stage,
        orders_per_month=options.orders_per_month,
        counts=counts,
        shares=shares,
        scenario=scenario,
        prices=prices,
        bill=bill_of(counts, shares, scenario, prices),
    )


def _counted(stage: str) -> tuple[Counts, StageTemplate]:
    names = Names(stage)
    with terminal(stderr=True).progress() as report:
        report(f"Synthesizing the stage {stage} …")
        with assembly_of(stage) as assembly:
            template = read_templates(assembly, names.prefix)
            report("Deploying it into the offline cloud …")
            with offline_cloud(seed=0, start_at=None, assembly=assembly) as cloud:
                try:
                    return count(cloud, names, report), template
                except UnexpectedOutcomeError as error:
                    raise CommandError(
                        f"An order ended otherwise than expected: {error}.",
                        hint="Adapt cli/cost/counting/paths.py to the functions.",
                        code=ExitCode.OPEN_ORDERS,
                    ) from error
