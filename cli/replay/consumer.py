"""Who is told again: a consumer of the map, and what it can hear of history."""

from collections.abc import Sequence
from dataclasses import dataclass

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from infrastructure.services import Service
from infrastructure.topology import SERVICES, fact, is_external


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearer:
    """A consumer, and the facts of ours that it reacts to."""

    name: str
    facts: frozenset[str]


def hearer(name: str, wanted: Sequence[str] = ()) -> Hearer:
    """The consumer of that name, with all its facts or those that are wanted; a CommandError says why not."""
    service = next((known for known in SERVICES if known.name == name), None)
    if service is None:
        known = ", ".join(sorted(each.name for each in SERVICES))
        raise CommandError(f"There is no consumer {name}.", hint=f"There are {known}.", code=ExitCode.USAGE)
    if not service.queue.accepts_replays:
        raise CommandError(
            f"{name} has no reaction to what is told again: what it does cannot be taken back.",
            hint="Nothing was sent (docs/decisions/0022). What it failed at waits in `orderbus dlq ls`.",
            code=ExitCode.USAGE,
        )
    heard = frozenset(each for each in service.reacts_to if not is_external(fact(each)))
    for each in wanted:
        if each not in heard:
            raise CommandError(_deaf(service, each), hint=_hears(heard), code=ExitCode.USAGE)
    return Hearer(name=name, facts=frozenset(wanted) if wanted else heard)


def _deaf(service: Service, wanted: str) -> str:
    if wanted in service.reacts_to:
        return f"{wanted} comes by the ingress bus, of which neither the log nor the archive tells."
    return f"{service.name} does not react to {wanted}."


def _hears(heard: frozenset[str]) -> str:
    return f"Of what can be told again it hears {', '.join(sorted(heard))}."
