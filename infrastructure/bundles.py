"""The contents of a Lambda function: its service's code and the shared library; packages are in a layer."""

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import uv

SHARED_ROOT = Path(__file__).parents[1]
"""The checkout whose `functions/shared` and `functions/relay` every application runs."""
COMMON = ("shared", "contracts")
"""The folders of `functions/` in every bundle, besides the service's own."""
PLATFORMS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
PYTHON = "3.13"
RECIPE = "1"
"""Increase it when `_install` changes: the lock does not say how its packages are installed."""


class MissingHandlerError(FileNotFoundError):
    """A function of the topology has no code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundles:
    """Where an application's code is, and where its bundles are written."""

    code_root: Path
    """The folder with the application's `functions/`."""
    build: Path
    """The folder for bundles and layers; nothing is written elsewhere."""
    lock: Path
    """The locked third-party packages."""

    def code(self, service: str, module: str = "handler", files: tuple[str, ...] = ()) -> Path:
        """Return the folder with exactly the files of a service's functions.

        MissingHandlerError if the module is not there.
        """
        sources = {path: source.read_bytes() for path, source in self._sources(service, files)}
        handler = Path("functions", service, f"{module}.py")
        if handler not in sources:
            raise MissingHandlerError(
                f"there is no {self.code_root / handler}: write it, with a function `handle`,"
                f" or remove the module {module!r} from the service {service!r} in the topology"
            )
        bundle = self.build / "bundles" / service
        if _contents(bundle) != sources:
            with _replacement(bundle) as staged:
                for path, text in sources.items():
                    (staged / path).parent.mkdir(parents=True, exist_ok=True)
                    (staged / path).write_bytes(text)
        return bundle

    def layer(self, architecture: str = "arm64", python: str = PYTHON) -> Path:
        """Return the folder with the locked packages, built without Docker, once per lock and target."""
        platform = PLATFORMS[architecture]
        parts = (self.lock.read_bytes(), platform.encode(), python.encode(), RECIPE.encode())
        built = self.build / "layers" / hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
        if not built.exists():
            with _replacement(built) as staged:
                _install(self.lock, staged / "python", platform=platform, python=python)
        return built

    def _sources(self, service: str, files: tuple[str, ...]) -> Iterator[tuple[Path, Path]]:
        """Yield each path in the bundle with its source; the application's own folders come first."""
        yield Path("functions", "__init__.py"), SHARED_ROOT / "functions" / "__init__.py"
        for folder in (*COMMON, service):
            root = self.code_root if (self.code_root / "functions" / folder).is_dir() else SHARED_ROOT
            for path in (root / "functions" / folder).rglob("*.py"):
                yield path.relative_to(root), path
        for name in files:
            yield Path(name), self.code_root / name


def _contents(bundle: Path) -> dict[Path, bytes]:
    return {path.relative_to(bundle): path.read_bytes() for path in bundle.rglob("*") if path.is_file()}


def _install(lock: Path, target: Path, *, platform: str, python: str) -> None:
    """Install the lock with the same bytes on every machine: no scripts, no bytecode, no hard links."""
    subprocess.run(  # noqa: S603 - every argument is a constant or a path of the application
        [
            *(uv.find_uv_bin(), "pip", "install", "-q", "--no-progress", "--target", str(target)),
            *("--python-platform", platform, "--python-version", python, "--only-binary", ":all:"),
            *("--no-deps", "--require-hashes", "--link-mode", "copy", "--no-compile-bytecode"),
            *("-r", str(lock)),
        ],
        check=True,
    )
    shutil.rmtree(target / "bin", ignore_errors=True)  # scripts whose first line names this machine's Python
    (target / ".lock").unlink(missing_ok=True)


@contextmanager
def _replacement(folder: Path) -> Iterator[Path]:
    """Fill a folder beside the real one, then put it in its place: no reader sees a half-written one."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
        staged = Path(scratch) / "new"
        staged.mkdir()
        yield staged
        with suppress(FileNotFoundError):
            folder.rename(Path(scratch) / "old")
        try:
            staged.rename(folder)
        except OSError:
            if not folder.exists():
                raise
            # Another process was faster, from the same sources: its copy is as good.
