"""The major version in which a fact is published: the latest, unless the stage still publishes an older one.

During a rollout some consumers do not read the latest version yet (docs/events/evolving.md).
"""

import os
from collections.abc import Mapping
from functools import cache

import msgspec

from functions.shared.contracts.fact import Fact, Older

VARIABLE = "PUBLISH_VERSIONS"
"""The environment variable with the versions as JSON: `{"OrderCreated": 1}`."""


def as_published(fact: Fact) -> tuple[int, Fact | Older]:
    """Return the major version to publish, and the fact in it."""
    kind = type(fact)
    major = _majors(os.environ.get(VARIABLE, "{}")).get(kind.__name__, kind.version)
    step: Fact | Older = fact
    for earlier in range(kind.version - 1, major - 1, -1):
        step = kind.older[earlier].downcast(step)
    return major, step


@cache
def _majors(text: str) -> Mapping[str, int]:
    return msgspec.json.decode(text, type=dict[str, int])
