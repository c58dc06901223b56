"""Import the modules of a bundle in any number of sandboxes, and read each from disk once."""

from collections.abc import Sequence
from functools import lru_cache
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType


class BundleFinder:
    """Finds the modules of one bundle, whose folder does not change."""

    def __init__(self, bundle: Path) -> None:
        self.roots = frozenset(entry.name.removesuffix(".py") for entry in bundle.iterdir())
        """Names of its top-level modules and packages."""
        self._bundle = str(bundle)
        self._known: dict[str, tuple[_KeptLoader, list[str] | None]] = {}

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the specification of a module of the bundle, or None: see `importlib.abc.MetaPathFinder`."""
        if name.partition(".")[0] not in self.roots:
            return None
        known = self._known.get(name)
        if known is None:
            spec = PathFinder.find_spec(name, [self._bundle] if path is None else path)
            if spec is None or type(spec.loader) is not SourceFileLoader:
                return spec
            loader = _KeptLoader(name, spec.loader.path)
            loader.cached = spec.cached
            known = self._known[name] = loader, spec.submodule_search_locations
        loader, folders = known
        spec = ModuleSpec(name, loader, origin=loader.path, is_package=folders is not None)
        spec.has_location, spec.cached = True, loader.cached
        if folders is not None:
            spec.submodule_search_locations = [*folders]
        return spec


class _KeptLoader(SourceFileLoader):
    """Keeps the code of a module."""

    cached: str | None = None
    """Path of the bytecode, which Python would make up again for every sandbox."""
    _code: CodeType | None = None

    def get_code(self, fullname: str) -> CodeType | None:
        """Return the code of the module, from disk at first use."""
        if self._code is None:
            self._code = super().get_code(fullname)
        return self._code


@lru_cache(256)
def finder_of(bundle: Path) -> BundleFinder:
    """Return the finder of a bundle, which its sandboxes share."""
    return BundleFinder(bundle)
