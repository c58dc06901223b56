"""`orderbus schema`: the options of its commands."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from cli.core.checkout import ROOT
from cli.core.completion import facts
from cli.core.exit_codes import ExitCode
from cli.core.options import Json
from cli.schema.check import Mode
from cli.schema.check_command import CheckOptions, check, release_schemas
from cli.schema.generators import Language
from cli.schema.types import write_types

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def schema() -> None:
    """Check the public schemas against their releases, and write types for them."""


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
            help="A commit: compare with it, and with its releases, which must be unchanged.",
        ),
    ] = None
    mode: Annotated[Mode, typer.Option(help="The compatibility that a changed schema must keep.")] = (
        Mode.FULL_TRANSITIVE
    )
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


@app.command("release")
@dataclass(frozen=True, kw_only=True)
class SchemaRelease:
    """Add each changed schema to schemas/released: from then on, later ones are compared with it."""

    only_check: Annotated[
        bool, typer.Option("--check", help="Only list the schemas that are not released; exit with 13.")
    ] = False

    def run(self) -> ExitCode:
        """Release the schemas."""
        return release_schemas(ROOT, only_check=self.only_check)


@app.command("types")
@dataclass(frozen=True, kw_only=True)
class SchemaTypes:
    """Generate the types of the events for another codebase: msgspec structs or TypeScript.

    Runs datamodel-code-generator or json-schema-to-typescript; says how to install it if it is missing.
    """

    event: Annotated[str | None, typer.Argument(autocompletion=facts, help="One event; else all.")] = None
    lang: Annotated[Language, typer.Option(help="The language.")]
    out: Annotated[Path, typer.Option(help="The folder for the files.")] = Path("event-types")
    as_json: Json = False

    def run(self) -> ExitCode:
        """Write the files."""
        return write_types(ROOT / "schemas", self.lang, self.event, self.out, as_json=self.as_json)
