"""`orderbus analytics`: its options."""

from dataclasses import dataclass
from datetime import UTC, datetime
from time import sleep
from typing import Annotated

import typer

from cli.analytics.show import AnalyticsOptions, show_analytics, watch_analytics
from cli.core.account import Account
from cli.core.exit_codes import ExitCode
from cli.core.options import StageOptions
from cli.core.times import parse_time

app = typer.Typer(add_completion=False)


@app.command("analytics")
@dataclass(frozen=True, kw_only=True)
class Analytics(StageOptions):
    """Show orders, revenue, cancellations and shipping times per minute of event time.

    A stage has these figures if it has the ordered stream: docs/stream.md.
    """

    since: Annotated[str, typer.Option(help="The first minute: 2026-11-23T10:00Z, or 30m.")] = "30m"
    watch: Annotated[bool, typer.Option("--watch", help="Show it again every five seconds.")] = False

    def run_on(self, account: Account) -> ExitCode:
        """Show the figures."""
        return (
            watch_analytics(account, self._options)
            if self.watch
            else show_analytics(account, self._options())
        )

    def _options(self) -> AnalyticsOptions:
        now = datetime.now(UTC)
        since = parse_time(self.since, now=now) or now
        return AnalyticsOptions(since=since, until=now, as_json=self.as_json, sleep=sleep)
