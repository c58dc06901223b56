"""The contents of a Lambda function: its service's code and the shared library; packages are in a layer."""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from infrastructure.packaging.bytecode import PYTHON, bytecode_of, is_available
from infrastructure.packaging.layer import install, shrink

SHARED_ROOT = Path(__file__).parents[2]
"""The checkout whose `functions/shared` and `functions/relay` every application runs."""
COMMON = ("shared", "contracts")
"""The folders of `functions/` in every bundle, besides the service's own."""
PLATFORMS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
RECIPE = "5"
"""Increase it when the layer is built differently from the same lock."""
ON_LAMBDA = "/var/task"
ON_LAMBDA_LAYER = "/opt/python"


class MissingHandlerError(FileNotFoundError):
    """A function of the topology has no code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundles:
    """The folder of an application's code, and the folder of its bundles."""

    code_root: Path
    """The folder with the application's `functions/`."""
    build: Path
    """The folder for bundles and layers; nothing is written elsewhere."""
    lock: Path
    """The locked third-party packages."""
    aws_services: frozenset[str] = frozenset({"dynamodb", "events", "sqs"})
    """botocore's names of the services that functions call; the layer has no others."""

    def code(
        self,
        service: str,
        module: str = "handler",
        files: tuple[str, ...] = (),
        *,
        folders: tuple[str, ...] = (),
        python: str = PYTHON,
    ) -> Path:
        """Return the folder with exactly the files of a service's functions, and their bytecode.

        MissingHandlerError if the module is not there.
        """
        sources = {path: source.read_bytes() for path, source in self._sources((*folders, service), files)}
        handler = Path("functions", service, f"{module}.py")
        if handler not in sources:
            raise MissingHandlerError(
                f"there is no {self.code_root / handler}: write it, with a function `handle`,"
                f" or remove the module {module!r} from the service {service!r} in the topology"
            )
        bundle = self.build / "bundles" / service
        contents = {**sources, **(self._bytecode(sources) if is_available(python) else {})}
        if _contents(bundle) != contents:
            with _replacement(bundle) as staged:
                _write(staged, contents)
        return bundle

    def layer(
        self,
        architecture: str = "arm64",
        python: str = PYTHON,
        more_services: frozenset[str] = frozenset(),
        *,
        packages_of: str | None = None,
    ) -> Path:
        """Return the folder with the locked packages, built without Docker, once per lock and target.

        `packages_of` names another lock beside the shared one, with what few services need.
        """
        lock = self.lock.with_name(f"{packages_of}.txt") if packages_of else self.lock
        platform, services = PLATFORMS[architecture], self.aws_services | more_services
        recipe = f"{RECIPE} {platform} {python} {is_available(python)} {sorted(services)}"
        key = hashlib.sha256(lock.read_bytes() + recipe.encode()).hexdigest()[:16]
        built = self.build / "layers" / key
        if not built.exists():
            with _replacement(built) as staged:
                packages = staged / "python"
                install(lock, packages, platform=platform, python=python)
                shrink(packages, services)
                if is_available(python):
                    modules = _read(packages, packages.rglob("*.py"))
                    _write(packages, bytecode_of(modules, root=ON_LAMBDA_LAYER, cache=self._cache))
        return built

    @property
    def _cache(self) -> Path:
        return self.build / "bytecode"

    def _bytecode(self, sources: Mapping[Path, bytes]) -> dict[Path, bytes]:
        """Return the bytecode of these modules; to compile one is to compile those of all services."""
        modules = {path: source for path, source in sources.items() if path.suffix == ".py"}
        return bytecode_of(modules, root=ON_LAMBDA, cache=self._cache, others=self._every_module)

    def _every_module(self) -> dict[Path, bytes]:
        """Return the modules of all services; the application's folders hide the shared ones."""
        roots = {path.name: SHARED_ROOT for path in (SHARED_ROOT / "functions").iterdir() if path.is_dir()}
        roots |= {
            path.name: self.code_root for path in (self.code_root / "functions").iterdir() if path.is_dir()
        }
        modules: dict[Path, bytes] = {}
        for folder, root in roots.items():
            modules |= _read(root, (root / "functions" / folder).rglob("*.py"))
        return modules

    def _sources(self, folders: tuple[str, ...], files: tuple[str, ...]) -> Iterator[tuple[Path, Path]]:
        """Yield each path in the bundle with its source; the application's own folders come first."""
        yield Path("functions", "__init__.py"), SHARED_ROOT / "functions" / "__init__.py"
        for folder in (*COMMON, *folders):
            root = self.code_root if (self.code_root / "functions" / folder).is_dir() else SHARED_ROOT
            for path in (root / "functions" / folder).rglob("*.py"):
                yield path.relative_to(root), path
        for name in files:
            yield Path(name), self.code_root / name


def _read(root: Path, paths: Iterable[Path]) -> dict[Path, bytes]:
    return {path.relative_to(root): path.read_bytes() for path in paths}


def _write(root: Path, contents: Mapping[Path, bytes]) -> None:
    for path, data in contents.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)


def _contents(bundle: Path) -> dict[Path, bytes]:
    return _read(bundle, (path for path in bundle.rglob("*") if path.is_file()))


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
