"""`orderbus trace`."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.core.account import Account
from cli.core.errors import exclude
from cli.core.exit_codes import ExitCode
from cli.core.options import StageOptions
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

    def run_on(self, account: Account) -> ExitCode:
        """Show the trace."""
        if self.mermaid and self.as_json:
            raise exclude("--mermaid", "--json")
        output = (
            TraceFormat.JSON if self.as_json else TraceFormat.MERMAID if self.mermaid else TraceFormat.TREE
        )
        as_of = datetime.now(UTC) if self.dead_letters else None
        return show_trace(account, self.order, output, dead_letters_as_of=as_of)
