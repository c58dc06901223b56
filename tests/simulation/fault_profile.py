"""Which faults a run has: "swarm" testing, where every seed switches on a random part of them.

A run with all faults at once mostly meets the commonest; runs with few of them get further.
https://users.cs.utah.edu/~regehr/papers/swarm12.pdf
"""

from dataclasses import dataclass

from tests.simulation.choices import Choices

AT_CALLS = (
    "throttled",
    "conflict",
    "unreachable",
    "response lost",
    "crash before",
    "crash after",
    "zombie",
    "slow",
    "part refused",
    "gateway late",
)
"""What may go wrong where a function asks AWS, or the gateway, for something."""
AROUND = (
    "duplicate",
    "delay",
    "replay",
    "redrive",
    "forget",
    "cold start",
    "outage",
    "gateway down",
    "newer schema",
    "poison",
)
"""What may happen between calls."""
RATES = (0.02, 0.05, 0.1, 0.2)


@dataclass(frozen=True, slots=True)
class FaultProfile:
    """The faults of one run."""

    at_calls: tuple[str, ...]
    around: tuple[str, ...]
    fault_rate: float
    """Of the calls, how many go wrong."""
    turns: float
    """Of the calls, how many let another invocation go first."""
    skewed: bool
    """Whether the clocks of sandboxes are off."""


NO_FAULTS = FaultProfile(at_calls=(), around=(), fault_rate=0.0, turns=0.0, skewed=False)


def random_profile(choices: Choices) -> FaultProfile:
    """The profile of this run."""
    at_calls = tuple(fault for fault in AT_CALLS if choices.chance(0.5))
    around = tuple(fault for fault in AROUND if choices.chance(0.5))
    return FaultProfile(
        at_calls=at_calls,
        around=around,
        fault_rate=choices.one_of(RATES) if at_calls else 0.0,
        turns=choices.one_of((0.0, 0.2, 0.5)),
        skewed=choices.chance(0.5),
    )
