"""The options of every command on a deployed stage."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Annotated

import typer

from cli.core.account import LOOK, Account, Target, aws_errors
from cli.core.completion import stages
from cli.core.exit_codes import ExitCode

COMMON = "Common options"
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without --yes, only show what would be done.")]


@dataclass(frozen=True, kw_only=True)
class StageOptions(ABC):
    """A command on a stage; a subclass adds the command's own options as fields."""

    stage: Annotated[
        str,
        typer.Option(
            envvar="ORDERBUS_STAGE", autocompletion=stages, rich_help_panel=COMMON, help="The stage."
        ),
    ] = "dev"
    target: Annotated[
        Target,
        typer.Option(
            envvar="ORDERBUS_TARGET", rich_help_panel=COMMON, help="AWS, or the cloud of `orderbus up`."
        ),
    ] = Target.AWS
    profile: Annotated[
        str | None, typer.Option(rich_help_panel=COMMON, help="The profile of the AWS configuration.")
    ] = None
    region: Annotated[str | None, typer.Option(rich_help_panel=COMMON, help="The AWS region.")] = None
    endpoint_url: Annotated[
        str | None, typer.Option(rich_help_panel=COMMON, help="The endpoint of all AWS services.")
    ] = None
    as_json: Json = False

    def run(self) -> ExitCode:
        """Run the command on the stage's account."""
        account = Account.of(
            stage=self.stage,
            target=self.target,
            profile=self.profile,
            region=self.region,
            endpoint_url=self.endpoint_url,
        )
        with account.environment(), aws_errors(hint=LOOK):
            return self.run_on(account)

    @abstractmethod
    def run_on(self, account: Account) -> ExitCode:
        """Run the command there and return the exit code."""
