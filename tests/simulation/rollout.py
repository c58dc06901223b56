"""Versions during a run: orders switches the version that it publishes, and back; partners use either.

A switch moves the aliases of the functions of orders, so instances of both versions run side by side. The
seed decides when, not a choice of the script: a shortened run has the same rollout.
"""

import json
from random import Random
from typing import Any

from infrastructure.names import LIVE
from pocketcloud import OfflineCloud
from tests.simulation.tables import PREFIX
from tests.simulation.trace import Trace

EARLY = 60
"""Steps within which the version switches; most runs are longer."""
SWITCHES = (1, 2, 3)
"""Possible numbers of switches; two are a rollout and its rollback."""
ONE_IN = 3
"""One seed in three has a rollout: new instances take time to start."""
FUNCTIONS = tuple(f"{PREFIX}orders{suffix}" for suffix in ("", "-api", "-deadlines"))
OLDER = json.dumps({"OrderCreated": 1})
_PUBLISHED: dict[tuple[int, str, str], str] = {}
"""The version of a function that publishes the older event, by cloud, function and digest of the code."""


class Rollout:
    """The versions of one run."""

    def __init__(self, cloud: OfflineCloud, seed: int, trace: Trace) -> None:
        self._random = Random(f"rollout {seed}")
        self._cloud = cloud
        self._trace = trace
        self._latest: dict[str, str] = {}
        self._publishes_older = False
        self._switches = set() if seed % ONE_IN else self._plan()

    def step(self, number: int) -> None:
        """Switch the version if this step is one of the switches."""
        if number in self._switches:
            self._switch()

    def partner_version(self) -> int:
        """Return the version in which a partner publishes a checkout."""
        version = self._random.choice((1, 2))
        self._trace.saw(f"a partner's checkout in version {version}")
        return version

    def end(self) -> None:
        """Restore the latest version."""
        if self._publishes_older:
            self._move(self._latest)

    def _plan(self) -> set[int]:
        """Return the steps at which the version switches; half of the rollouts begin with the older one."""
        steps = set(self._random.sample(range(EARLY), self._random.choice(SWITCHES)))
        return steps | {0} if self._random.random() < 0.5 else steps

    def _switch(self) -> None:
        self._publishes_older = not self._publishes_older
        functions = self._cloud.client("lambda")
        if not self._latest:
            self._latest = {
                name: functions.get_alias(FunctionName=name, Name=LIVE)["FunctionVersion"]
                for name in FUNCTIONS
            }
        older = {name: self._older(functions, name) for name in FUNCTIONS}
        self._move(older if self._publishes_older else self._latest)
        word = "older" if self._publishes_older else "latest"
        self._trace.write("operator", "orders", f"publishes the {word} version")
        self._trace.saw(f"orders publishes the {word} version")

    def _older(self, functions: Any, name: str) -> str:
        """Return the version of the function that publishes the older event."""
        live = functions.get_function_configuration(FunctionName=name, Qualifier=self._latest[name])
        key = (id(self._cloud), name, str(live["CodeSha256"]))
        if key not in _PUBLISHED:
            variables = live["Environment"]["Variables"]
            # The newest code may be a mutant's, which only an alias keeps from running.
            code = self._cloud.engine.functions.get_function(f"{name}:{self._latest[name]}").code_bytes
            functions.update_function_code(FunctionName=name, ZipFile=code)
            older = {"Variables": {**variables, "PUBLISH_VERSIONS": OLDER}}
            functions.update_function_configuration(FunctionName=name, Environment=older)
            _PUBLISHED[key] = functions.publish_version(FunctionName=name)["Version"]
            functions.update_function_configuration(FunctionName=name, Environment=live["Environment"])
        return _PUBLISHED[key]

    def _move(self, versions: dict[str, str]) -> None:
        for name, version in versions.items():
            self._cloud.client("lambda").update_alias(FunctionName=name, Name=LIVE, FunctionVersion=version)
