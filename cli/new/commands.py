"""`orderbus new`: the options of its commands."""

from dataclasses import dataclass
from typing import Annotated

import typer

from cli.core.completion import facts
from cli.core.exit_codes import ExitCode
from cli.core.options import Json
from cli.new.consumer import ConsumerRequest, generate

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def new() -> None:
    """Generate code in a checkout."""


@app.command("consumer")
@dataclass(frozen=True, kw_only=True)
class NewConsumer:
    """Generate a consumer with its tables, contract, schema and test, all working."""

    name: Annotated[str, typer.Argument(help="The consumer; a-z and 0-9.")]
    reacts_to: Annotated[
        list[str], typer.Option(autocompletion=facts, help="A fact that it consumes; repeat the option.")
    ]
    publishes: Annotated[str | None, typer.Option(help="The new fact that it publishes.")] = None
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the files without writing them.")] = False
    as_json: Json = False

    def run(self) -> ExitCode:
        """Generate the consumer."""
        request = ConsumerRequest(
            name=self.name, reacts_to=tuple(dict.fromkeys(self.reacts_to)), publishes=self.publishes
        )
        return generate(request, dry_run=self.dry_run, as_json=self.as_json)
