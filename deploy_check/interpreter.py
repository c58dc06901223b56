"""The endpoint's own environment, `.venv-endpoint`: locked with hashes, apart from ours.

The endpoint runs functions under its own Python, so that the layer must be built for that one.
"""

import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

import uv

from deploy_check.command import CommandError, run
from deploy_check.failure import CheckError

ROOT = Path(__file__).parents[1]
HOME = ROOT / ".venv-endpoint"
LOCK = ROOT / "requirements" / "endpoint.txt"
INSTALL = ROOT / "scripts" / "install"
LAMBDA_PYTHON = "3.13"
ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True)
class Interpreter:
    """Where the endpoint's programs are, and for what its functions must be built."""

    programs: Path
    python: str
    architecture: str


def prepared() -> Interpreter:
    """The environment with exactly what the lock says; built anew when the lock or the Python changed."""
    base = _base_python()
    recipe = f"{base}\n{LOCK.read_text()}"
    stamp = HOME / "installed.txt"
    if not stamp.exists() or stamp.read_text() != recipe:
        _uv("venv", "--quiet", "--clear", "--no-python-downloads", "--python", base, str(HOME))
        python = str(HOME / "bin" / "python")
        run((str(INSTALL), python, str(LOCK)), env=dict(os.environ), cwd=ROOT, timeout=300)
        stamp.write_text(recipe)
    return Interpreter(HOME / "bin", _version_of(base), architecture_of(platform.machine()))


def architecture_of(machine: str) -> str:
    """Lambda's name for the architecture of a machine."""
    if machine.lower() not in ARCHITECTURES:
        raise CheckError(f"Lambda has no architecture for this machine, {machine}")
    return ARCHITECTURES[machine.lower()]


def _base_python() -> str:
    """Lambda's own Python where it is found, else the one that runs this."""
    try:
        found = _uv("python", "find", "--no-python-downloads", LAMBDA_PYTHON)
    except CommandError:
        return sys.executable
    return found.strip().splitlines()[-1]  # after what uv has to say about other interpreters


def _version_of(python: str) -> str:
    words = "import sys; print('%d.%d' % sys.version_info[:2])"
    return run((python, "-c", words), env=dict(os.environ), cwd=ROOT, timeout=20).strip()


def _uv(*arguments: str) -> str:
    # pyenv's shims answer for the version that this names, and fail for all others.
    env = {**os.environ, "PYENV_VERSION": LAMBDA_PYTHON}
    return run((uv.find_uv_bin(), *arguments), env=env, cwd=ROOT, timeout=300)
