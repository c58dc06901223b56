"""The Python environment of an endpoint, with its own hashed lock.

MiniStack runs functions with its own Python, so the layer is built for it.
"""

import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

import uv

from deploy_check.failure import CheckError
from deploy_check.program import ProgramError, run

ROOT = Path(__file__).parents[1]
INSTALL = ROOT / "scripts" / "install"
LAMBDA_PYTHON = "3.13"
ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True)
class Interpreter:
    """The endpoint's programs, and the target of its functions."""

    programs: Path
    python: str
    architecture: str


def prepare_environment(name: str) -> Interpreter:
    """Install the lock of that name into `.venv-<name>`; do it again when the lock or the Python changes."""
    lock, home = ROOT / "requirements" / f"{name}.txt", ROOT / f".venv-{name}"
    base = _base_python()
    recipe = f"{base}\n{lock.read_text()}"
    stamp = home / "installed.txt"
    if not stamp.exists() or stamp.read_text() != recipe:
        _uv("venv", "--quiet", "--clear", "--no-python-downloads", "--python", base, str(home))
        python = str(home / "bin" / "python")
        run((str(INSTALL), python, str(lock)), env=dict(os.environ), cwd=ROOT, timeout=300)
        stamp.write_text(recipe)
    return Interpreter(home / "bin", _version_of(base), architecture_of(platform.machine()))


def has_lambda_python() -> bool:
    """Return whether Lambda's version of Python is installed."""
    return _version_of(_base_python()) == LAMBDA_PYTHON


def architecture_of(machine: str) -> str:
    """Return Lambda's name for the architecture of a machine."""
    if machine.lower() not in ARCHITECTURES:
        raise CheckError(f"Lambda has no architecture for this machine: {machine}")
    return ARCHITECTURES[machine.lower()]


def _base_python() -> str:
    """Return Lambda's Python version if it is installed, or the running Python."""
    try:
        found = _uv("python", "find", "--no-python-downloads", LAMBDA_PYTHON)
    except ProgramError:
        return sys.executable
    return found.strip().splitlines()[-1]  # warnings about other interpreters come first


def _version_of(python: str) -> str:
    message = "import sys; print('%d.%d' % sys.version_info[:2])"
    return run((python, "-c", message), env=dict(os.environ), cwd=ROOT, timeout=20).strip()


def _uv(*arguments: str) -> str:
    # pyenv's shims run only the version in PYENV_VERSION.
    env = {**os.environ, "PYENV_VERSION": LAMBDA_PYTHON}
    return run((uv.find_uv_bin(), *arguments), env=env, cwd=ROOT, timeout=300)
