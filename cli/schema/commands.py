"""`orderbus schema`: the options of its commands."""

from dataclasses import dataclass
from typing import Annotated

import typer

from cli.core.checkout import ROOT
from cli.core.exit_codes import ExitCode
from cli.core.options import Json
from cli.schema.check import Mode
from cli.schema.check_command import CheckOptions, check

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def schema() -> None:
    """Check the public schemas against their releases."""


@app.command("check")
@dataclass(frozen=True, kw_only=True)
class SchemaCheck:
    """Check that no schema breaks a consumer of its released versions; show an event that would.

    Exits with 13 on a break, and if the verdict cannot be known.
    """

    against: Annotated[
        str | None,
        typer.Option(
            metavar="GIT-REF",
            help="The release: by default the last tag v*, else where the branch left main.",
        ),
    ] = None
    mode: Annotated[Mode, typer.Option(help="What a changed schema must keep.")] = Mode.FULL_TRANSITIVE
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Let old events hold anything under names that they do not declare."),
    ] = False
    as_json: Json = False

    def run(self) -> ExitCode:
        """Compare the schemas."""
        options = CheckOptions(
            root=ROOT, against=self.against, mode=self.mode, strict=self.strict, as_json=self.as_json
        )
        return check(options)
