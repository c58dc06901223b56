"""The options that all commands on a deployed stage share."""

import inspect
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec

import typer

from cli.core.completion import stages
from cli.core.errors import failures_said
from cli.core.exit_codes import ExitCode

if TYPE_CHECKING:
    from cli.core.account import Account
    from cli.orders.api_client import ShopDoor

P = ParamSpec("P")


class Target(StrEnum):
    """Where the stage stands."""

    AWS = "aws"
    OFFLINE = "offline"


Json = Annotated[bool, typer.Option("--json", help="As JSON, for scripts.")]
Yes = Annotated[bool, typer.Option("--yes", help="Yes, do it; without this nothing is changed.")]

_SHARED: dict[str, tuple[Any, Any]] = {
    "stage": (
        Annotated[
            str,
            typer.Option(envvar="ORDERBUS_STAGE", autocompletion=stages, help="The stage to work on."),
        ],
        "dev",
    ),
    "target": (
        Annotated[
            Target,
            typer.Option(envvar="ORDERBUS_TARGET", help="An AWS account, or what `orderbus up` serves."),
        ],
        Target.AWS,
    ),
    "profile": (Annotated[str | None, typer.Option(help="A profile of the AWS configuration.")], None),
    "region": (Annotated[str | None, typer.Option(help="The AWS region.")], None),
    "endpoint_url": (
        Annotated[str | None, typer.Option(help="Where to find AWS instead, if not at its own addresses.")],
        None,
    ),
}

Url = Annotated[str | None, typer.Option(envvar="ORDERBUS_URL", help="The HTTP API, if not the stage's.")]
Token = Annotated[str | None, typer.Option(envvar="ORDERBUS_TOKEN", help="A customer's access token.")]
DEFAULT_CUSTOMER = "customer-1"

_DOOR: dict[str, tuple[Any, Any]] = {
    "url": (Url, None),
    "token": (Token, None),
    "customer": (
        Annotated[str, typer.Option(help="Customer to sign in as if no --token is given (offline only).")],
        DEFAULT_CUSTOMER,
    ),
}


def on_account(command: Callable[Concatenate["Account", P], ExitCode]) -> Callable[..., None]:
    """The command with the options that say which account it works on, and leaving with its exit code."""

    @wraps(command)
    def run(**given: Any) -> None:  # noqa: ANN401 - whatever options the command declares
        shared = {name: given.pop(name) for name in _SHARED}
        with failures_said():
            from cli.core.account import LOOK, Account, refusals_said  # noqa: PLC0415 - boto3, which `--help` should not wait for

            account = Account.of(**shared)
            with account.environment(), refusals_said(hint=LOOK):
                code = command(account, **given)  # type: ignore[call-arg]  # Typer has read the signature
        raise typer.Exit(code)

    _, *own = inspect.signature(command).parameters.values()
    _declare(run, [*own, *_parameters(_SHARED)])
    return run


def at_door(command: Callable[Concatenate["ShopDoor", P], ExitCode]) -> Callable[..., None]:
    """The same for a command that a customer's token opens the HTTP API for."""

    @wraps(command)
    def enter(account: "Account", /, **given: Any) -> ExitCode:  # noqa: ANN401 - as above
        from cli.orders.authentication import door  # noqa: PLC0415 - as above

        entered = door(account, **{name: given.pop(name) for name in _DOOR})
        return command(entered, **given)  # type: ignore[call-arg]  # Typer has read the signature

    _, *own = inspect.signature(command).parameters.values()
    account = inspect.Parameter("account", inspect.Parameter.POSITIONAL_ONLY)
    _declare(enter, [*own, *_parameters(_DOOR)], first=(account,))
    return on_account(enter)


def _parameters(options: dict[str, tuple[Any, Any]]) -> list[inspect.Parameter]:
    return [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in options.items()
    ]


def _declare(
    function: Callable[..., object],
    parameters: Sequence[inspect.Parameter],
    *,
    first: Sequence[inspect.Parameter] = (),
) -> None:
    """Let the function say that it takes these, all by name."""
    keyword_only = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters]
    function.__signature__ = inspect.Signature([*first, *keyword_only])  # type: ignore[attr-defined]  # of a function
    function.__annotations__ = {each.name: each.annotation for each in keyword_only}
