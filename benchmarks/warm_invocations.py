"""Repeat recorded invocations of one function, and count the second time: `warm_invocations.py FILE`.

It runs under `valgrind --tool=callgrind --instr-atstart=no`, which counts only while it is switched on.
"""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.first_invocation import CONTEXT, respond_with


def count(*, is_on: bool) -> None:
    """Switch callgrind's count on or off."""
    switch = ["callgrind_control", "--instr=on" if is_on else "--instr=off", str(os.getpid())]
    subprocess.run(switch, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - valgrind's own


def repeat(invocations: list[dict[str, Any]]) -> Callable[[], None]:
    """Return a function that invokes the handler with each recorded event."""
    module, _, name = invocations[0]["handler"].rpartition(".")
    handler = getattr(importlib.import_module(module), name)
    responses = [response for each in invocations for response in each["responses"]]

    def run() -> None:
        respond_with(responses)
        for each in invocations:
            handler(each["event"], CONTEXT)

    return run


def main() -> None:
    """Invoke everything once to warm up, and count everything once; with an empty file count nothing."""
    invocations = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    run = repeat(invocations) if invocations else lambda: None
    run()
    count(is_on=True)
    run()
    count(is_on=False)


if __name__ == "__main__":
    main()
