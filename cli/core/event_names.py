"""Names of facts, as somebody types them."""

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from functions.contracts.registry import FACTS


def refuse_unheard_of(fact: str) -> None:
    """A CommandError where there is no fact of that name."""
    if fact not in FACTS:
        hint = f"There are {', '.join(sorted(FACTS))}."
        raise CommandError(f"There is no fact {fact}.", hint=hint, code=ExitCode.USAGE)
