"""Share between botocore's sessions the models of services, and read each of them once.

A function that makes its own session would read them again in every cold sandbox. moto and boto3 look in
different folders, and most of what they read is the same.
"""

import json
import os
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import botocore.loaders
from botocore.exceptions import DataNotFoundError
from botocore.loaders import JSONFileLoader, Loader

from pocketcloud.moto_patches.moto_patch import MotoPatch

_LOADER = "extra_search_paths file_loader cache include_default_search_paths include_default_extras"
_Folders = tuple[str, ...]
_READ: defaultdict[tuple[_Folders, _Folders, type], dict[Any, Any]] = defaultdict(dict)
_OWN = f"{Loader.BUILTIN_DATA_PATH}{os.sep}"
_FILES: dict[tuple[_Folders, str], Any] = {}
"""botocore's own files by the kinds of extras that it merges into them."""


def patches() -> list[MotoPatch]:
    """Return the patches of botocore's loaders."""
    return [
        MotoPatch(botocore.loaders, "Loader", _LOADER, SharingLoader, is_direct=True),
        MotoPatch(JSONFileLoader, "_load_file", "self full_path open_method", _load_file, is_direct=True),
    ]


class SharingLoader(Loader):
    """A loader of models that shares what it reads with the loaders that look in the same folders."""

    @property
    def _cache(self) -> dict[Any, Any]:
        """The data that was read; botocore keeps it per loader, and never changes it."""
        return _READ[tuple(self.search_paths), tuple(self.extras_types), type(self.file_loader)]

    @_cache.setter
    def _cache(self, _: dict[Any, Any]) -> None:
        """Keep the shared cache; botocore sets an empty one for each loader."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if type(self.file_loader) is JSONFileLoader:
            self.file_loader: JSONFileLoader = ModelFiles(self.extras_types)

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        """Return the model, and list no other services: botocore looks into each of four hundred folders.

        It does so to name them all in an error; it still does if there is no such service.
        """
        key = ("model of one service", service_name, type_name, api_version)
        if key not in self._cache:
            self._cache[key] = self._model(service_name, type_name, api_version)
        return self._cache[key]

    def _model(self, service_name: str, type_name: str, api_version: str | None) -> Any:
        load_service_model: Callable[..., Any] = super().load_service_model
        try:
            latest = self.determine_latest_version(service_name, type_name)
        except DataNotFoundError:
            return load_service_model(service_name, type_name, api_version)
        version = api_version or latest
        model = self.load_data(os.path.join(service_name, version, type_name))  # noqa: PTH118 - as botocore's key
        loader: Any = self  # these two are no public methods
        loader._extras_processor.process(model, loader._find_extras(service_name, type_name, version))  # noqa: SLF001 - as botocore
        return model


class ModelFiles(JSONFileLoader):
    """Reads each of botocore's own files once for all loaders that merge the same extras into it."""

    def __init__(self, extras: list[str]) -> None:
        self._extras = extras

    def load_file(self, file_path: str) -> Any:
        """Return the content of the file, or None if there is none."""
        read: Callable[[str], Any] = super().load_file
        if not file_path.startswith(_OWN):
            return read(file_path)
        key = (tuple(self._extras), file_path)
        if key not in _FILES:
            _FILES[key] = read(file_path)
        return _FILES[key]


def _load_file(_: JSONFileLoader, full_path: str, open_method: Callable[..., Any]) -> Any:
    """Read a model into dictionaries, which keep their order: botocore's own take twice as long."""
    if not os.path.isfile(full_path):  # noqa: PTH113 - botocore tries each name of a model with text
        return None
    with open_method(full_path, "rb") as file:
        return json.load(file)
