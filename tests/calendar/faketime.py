"""libfaketime: where it is, and the environment in which a process starts at another time.

https://github.com/wolfcw/libfaketime
"""

import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from glob import glob
from pathlib import Path

DAY_SECONDS = 86_400
TOLERATED_SECONDS = 30
VARIABLE = "LIBFAKETIME"
INSTALLED = (
    "/usr/lib/*/faketime/libfaketime.so.1",
    "/usr/lib*/faketime/libfaketime.so.1",
    "/usr/local/lib/faketime/libfaketime*",
    "/opt/homebrew/lib/faketime/libfaketime.1.dylib",
)
"""The paths that Debian, Fedora, its own Makefile and Homebrew install it to."""


class NoFaketimeError(Exception):
    """The clock cannot be shifted on this machine."""


def library(candidates: list[Path] | None = None) -> Path:
    """Return the first libfaketime that shifts the clock here; raise `NoFaketimeError` if none does."""
    tried = list(_candidates()) if candidates is None else candidates
    for candidate in tried:
        if shifts_the_clock(candidate):
            return candidate
    found = ", ".join(map(str, tried)) or "none was found"
    raise NoFaketimeError(
        f"The clock cannot be shifted: no libfaketime works on this machine ({found}).\n"
        f"Install it (Debian: apt-get install faketime; macOS: brew install libfaketime), or set {VARIABLE}"
        " to the path of its library."
    )


def shifted(library_path: Path, seconds: float, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a process whose clock is ahead by so many seconds."""
    preload = "DYLD_INSERT_LIBRARIES" if sys.platform == "darwin" else "LD_PRELOAD"
    return {
        **environment,
        preload: str(library_path),
        "FAKETIME": f"{seconds:+.0f}s",
        # Timeouts are measured by the monotonic clock, which goes on as it is.
        "DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        # Otherwise every file is newer than what was compiled from it.
        "NO_FAKE_STAT": "1",
    }


def shifts_the_clock(library_path: Path) -> bool:
    """Return whether a process that loads this library has another time."""
    if not library_path.is_file():
        return False
    command = [sys.executable, "-c", "import time; print(time.time())"]
    environment = shifted(library_path, DAY_SECONDS, os.environ)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    try:
        ahead = float(done.stdout) - time.time()
    except ValueError:
        return False
    return abs(ahead - DAY_SECONDS) < TOLERATED_SECONDS


def _candidates() -> Iterator[Path]:
    if VARIABLE in os.environ:
        yield Path(os.environ[VARIABLE])
        return
    package = importlib.util.find_spec("libfaketime")
    for folder in package.submodule_search_locations or () if package else ():
        yield from sorted(Path(folder, "vendor", "libfaketime", "src").glob("libfaketime*.[sd][oy]*"))
    for pattern in INSTALLED:
        yield from map(Path, sorted(glob(pattern)))  # noqa: PTH207 - absolute patterns
