"""Kinesis: moto receives the requests, the offline cloud's own streams process them."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.kinesis.responses import KinesisResponse

from pocketcloud.kinesis.control import Control
from pocketcloud.kinesis.errors import unsupported
from pocketcloud.kinesis.put import Writes
from pocketcloud.kinesis.read import Reads
from pocketcloud.kinesis.streams import DataStreams
from pocketcloud.moto_patches.moto_patch import ABSENT, Call, MotoPatch

_KNOWN = frozenset(name for name in vars(KinesisResponse) if not name.startswith("_")) - {"kinesis_backend"}
_Operation = Callable[[Mapping[str, Any]], dict[str, Any] | None]


def patches(streams: DataStreams) -> list[MotoPatch]:
    """Return a patch for every operation of moto's Kinesis: it runs here, or is rejected by name."""
    supported = _operations(streams)
    return [
        MotoPatch(
            KinesisResponse, name, "self" if name in _KNOWN else ABSENT, _run(supported.get(name), name)
        )
        for name in sorted(_KNOWN | supported.keys())
    ]


def _operations(streams: DataStreams) -> dict[str, _Operation]:
    writes, reads, control = Writes(streams), Reads(streams), Control(streams)
    owners = (writes, reads, control)
    return {
        name: getattr(owner, name)
        for owner in owners
        for name in vars(type(owner))
        if not name.startswith("_")
    }


def _run(operation: _Operation | None, name: str) -> Callable[[KinesisResponse, Call], ActionResult]:
    def run(response: KinesisResponse, _: Call) -> ActionResult:
        if operation is None:
            raise unsupported(f"kinesis.{name} is not supported offline")
        result = operation(json.loads(response.body))
        return EmptyResult() if result is None else ActionResult(result)

    return run
