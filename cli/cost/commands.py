"""`orderbus cost`."""

from dataclasses import dataclass
from typing import Annotated

import typer

from cli.core.completion import stages
from cli.core.exit_codes import ExitCode
from cli.core.options import Json
from cli.cost.cost import CostOptions, show_cost, show_rate

app = typer.Typer(add_completion=False)


@app.command()
@dataclass(frozen=True, kw_only=True)
class CostCommand:
    """Show what orders and a stage cost, from requests counted offline and list prices."""

    orders_per_month: Annotated[int, typer.Option(min=0, help="Orders in a month.")] = 1_000_000
    fill: Annotated[
        float, typer.Option(min=1, max=100, help="Messages in a batch, up to each batch size.")
    ] = 1.0
    region: Annotated[str, typer.Option(help="The region of the prices.")] = "us-east-1"
    stage: Annotated[
        str,
        typer.Option(envvar="ORDERBUS_STAGE", autocompletion=stages, help="A stage of cdk.json."),
    ] = "dev"
    mix: Annotated[
        list[str] | None, typer.Option(help="Weight of an outcome, as `shipped=90`; repeat it.")
    ] = None
    rate: Annotated[
        float | None,
        typer.Option(min=0.001, help="Show each limit, its use and the lag at so many orders a second."),
    ] = None
    as_json: Json = False

    def run(self) -> ExitCode:
        """Count, and print the bill or the limits."""
        options = CostOptions(
            orders_per_month=self.orders_per_month,
            fill=self.fill,
            region=self.region,
            stage=self.stage,
            mix=tuple(self.mix or ()),
            as_json=self.as_json,
        )
        return show_cost(options) if self.rate is None else show_rate(options, self.rate)
