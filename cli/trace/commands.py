"""`orderbus trace`."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.core.account import Account
from cli.core.errors import exclude
from cli.core.exit_codes import ExitCode
from cli.core.options import StageOptions
from cli.trace.export.exports import Exports
from cli.trace.render import TraceFormat, show_trace

app = typer.Typer(add_completion=False)


@app.command()
@dataclass(frozen=True, kw_only=True)
class TraceCommand(StageOptions):
    """Show the journey of one order: facts, causes, consumers, retries and failures."""

    order: Annotated[str, typer.Argument(help="The order's id.")]
    mermaid: Annotated[bool, typer.Option("--mermaid", help="Print a sequence diagram.")] = False
    dead_letters: Annotated[
        bool, typer.Option("--dead-letters", help="Search all dead-letter queues, too.")
    ] = False
    otlp: Annotated[
        str | None, typer.Option(metavar="URL", help="Send the trace as spans to an OpenTelemetry collector.")
    ] = None
    jaeger: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the spans to a file for Jaeger's upload.")
    ] = None
    chrome: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the spans to a file for Perfetto or Chrome.")
    ] = None

    def run_on(self, account: Account) -> ExitCode:
        """Show the trace."""
        if self.mermaid and self.as_json:
            raise exclude("--mermaid", "--json")
        output = (
            TraceFormat.JSON if self.as_json else TraceFormat.MERMAID if self.mermaid else TraceFormat.TREE
        )
        exports = Exports(otlp=self.otlp, jaeger=self.jaeger, chrome=self.chrome)
        as_of = datetime.now(UTC) if self.dead_letters else None
        return show_trace(account, self.order, output, dead_letters_as_of=as_of, exports=exports)
