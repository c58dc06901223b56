"""The options that all commands on a deployed stage share."""

import inspect
from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec

import typer

from ops.exit_codes import ExitCode
from ops.failure import failures_said

if TYPE_CHECKING:
    from ops.account import Account

P = ParamSpec("P")


class Target(StrEnum):
    """Where the stage stands."""

    AWS = "aws"
    OFFLINE = "offline"


Json = Annotated[bool, typer.Option("--json", help="The figures as JSON.")]
Yes = Annotated[bool, typer.Option("--yes", help="Yes, do it; without this nothing is changed.")]

_SHARED: dict[str, tuple[Any, Any]] = {
    "stage": (Annotated[str, typer.Option(help="The stage to work on.")], "dev"),
    "target": (
        Annotated[Target, typer.Option(help="An AWS account, or what `orderbus up` serves.")],
        Target.AWS,
    ),
    "profile": (Annotated[str | None, typer.Option(help="A profile of the AWS configuration.")], None),
    "region": (Annotated[str | None, typer.Option(help="The AWS region.")], None),
    "endpoint_url": (
        Annotated[str | None, typer.Option(help="Where to find AWS instead, if not at its own addresses.")],
        None,
    ),
}


def on_account(command: Callable[Concatenate["Account", P], ExitCode]) -> Callable[..., None]:
    """The command with the options that say which account it works on, and leaving with its exit code."""

    @wraps(command)
    def run(**given: Any) -> None:  # noqa: ANN401 - whatever options the command declares
        shared = {name: given.pop(name) for name in _SHARED}
        with failures_said():
            from ops.account import Account  # noqa: PLC0415 - boto3, which `--help` should not wait for

            code = command(Account.of(**shared), **given)  # type: ignore[call-arg]  # Typer has read the signature
        raise typer.Exit(code)

    _, *own = inspect.signature(command).parameters.values()
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in _SHARED.items()
    ]
    keyword_only = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own]
    run.__signature__ = inspect.Signature([*keyword_only, *shared])  # type: ignore[attr-defined]  # of a function
    run.__annotations__ = {each.name: each.annotation for each in (*keyword_only, *shared)}
    return run
