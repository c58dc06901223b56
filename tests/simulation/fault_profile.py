"""The faults of a run: "swarm" testing, where each seed enables a random subset of them.

With all faults enabled, the most frequent ones hide the others; runs with few of them get further.
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
"""Faults of a call to AWS or to the gateway."""
BETWEEN_CALLS = (
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
"""Faults between calls."""
RATES = (0.02, 0.05, 0.1, 0.2)


@dataclass(frozen=True, slots=True)
class FaultProfile:
    """The faults of one run."""

    at_calls: tuple[str, ...]
    between_calls: tuple[str, ...]
    fault_rate: float
    """Share of calls with a fault."""
    switch_rate: float
    """Share of calls at which another invocation goes first."""
    skewed: bool
    """Whether the clocks of sandboxes differ."""


NO_FAULTS = FaultProfile(at_calls=(), between_calls=(), fault_rate=0.0, switch_rate=0.0, skewed=False)


def random_profile(choices: Choices) -> FaultProfile:
    """Choose the profile of a run."""
    at_calls = tuple(fault for fault in AT_CALLS if choices.chance(0.5))
    between_calls = tuple(fault for fault in BETWEEN_CALLS if choices.chance(0.5))
    return FaultProfile(
        at_calls=at_calls,
        between_calls=between_calls,
        fault_rate=choices.one_of(RATES) if at_calls else 0.0,
        switch_rate=choices.one_of((0.0, 0.2, 0.5)),
        skewed=choices.chance(0.5),
    )
