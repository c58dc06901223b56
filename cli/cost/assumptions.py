"""Values that only an account can measure, and the mix of outcomes: `data/assumptions.toml`."""

import tomllib
from pathlib import Path

from msgspec import Struct, convert

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode

ASSUMPTIONS = Path(__file__).parent / "data" / "assumptions.toml"


class Assumptions(Struct, frozen=True, forbid_unknown_fields=True):
    """Assumed times, shares and sizes; the file has the reasons."""

    milliseconds: dict[str, float]
    shares: dict[str, float]
    polling: dict[str, float]
    bytes: dict[str, int]
    mix: dict[str, float]
    """Weights of the paths of an order."""

    def call_ms(self, call: str) -> float:
        """Return the milliseconds of one AWS request."""
        return self.milliseconds.get(call, self.milliseconds["call"])


def read_assumptions() -> Assumptions:
    """Read the file."""
    return convert(tomllib.loads(ASSUMPTIONS.read_text(encoding="utf-8")), Assumptions)


def shares_of(mix: list[str], default: dict[str, float], paths: list[str]) -> dict[str, float]:
    """Return the share of each path from `path=weight` texts; without any, from the default weights."""
    weights = dict(_weight(text, paths) for text in mix) or default
    total = sum(weights.values())
    if not total:
        raise _invalid("The weights of --mix are all zero.", "Give at least one path a weight above zero.")
    return {path: weight / total for path, weight in weights.items() if weight}


def _weight(text: str, paths: list[str]) -> tuple[str, float]:
    path, _, number = text.partition("=")
    if path not in paths:
        raise _invalid(f"--mix {text}: there is no path {path!r}.", f"Use one of {', '.join(paths)}.")
    try:
        weight = float(number)
    except ValueError:
        weight = -1.0
    if not 0 <= weight < float("inf"):
        raise _invalid(
            f"--mix {text}: {number!r} is not a weight.", f"Write a number of zero or more: --mix {path}=5."
        )
    return path, weight


def _invalid(message: str, hint: str) -> CommandError:
    return CommandError(message, hint=hint, code=ExitCode.USAGE)
