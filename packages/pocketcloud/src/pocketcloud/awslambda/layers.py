"""Check that the packages in layers match those installed here, which functions import offline."""

import io
import re
import zipfile
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

from moto.awslambda.models import LambdaBackend

_DISTRIBUTION = re.compile(r"(?:^|/)(?P<name>[^/]+)-(?P<version>[^-/]+)\.dist-info/")


class LayerMismatchError(RuntimeError):
    """A layer's package is not installed here in the same version, so a run would test something else."""


def check_layers(function: str, arns: Iterable[str], backend: LambdaBackend) -> None:
    """Raise LayerMismatchError unless every package in the layers is installed in the same version."""
    wrong = [found for arn in arns for found in _mismatches(_content(backend, arn))]
    if wrong:
        hint = "install the layer's versions here, or build the layer from the versions installed here"
        raise LayerMismatchError(f"{function}: {'; '.join(wrong)} ({hint})")


def _content(backend: LambdaBackend, arn: str) -> bytes:
    layer = backend.layers_versions_by_arn(arn)
    if layer is None or not layer.code_bytes:
        raise LayerMismatchError(f"layer {arn} has no content")
    return bytes(layer.code_bytes)


def _mismatches(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        found = {_DISTRIBUTION.search(name) for name in archive.namelist()}
    named = sorted({(match["name"], match["version"]) for match in found if match is not None})
    return [
        f"{name} is {installed} here, {wanted} in the layer"
        for name, wanted in named
        if (installed := _installed(name)) != wanted
    ]


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
