"""Kinesis: moto receives the requests, the offline cloud's own streams process them."""

from moto.kinesis.responses import KinesisResponse

from pocketcloud.kinesis.control import Control
from pocketcloud.kinesis.errors import unsupported
from pocketcloud.kinesis.put import Writes
from pocketcloud.kinesis.read import Reads
from pocketcloud.kinesis.streams import DataStreams
from pocketcloud.moto_patches.json_operation import Operation, run_operation
from pocketcloud.moto_patches.moto_patch import ABSENT, MotoPatch

_KNOWN = frozenset(name for name in vars(KinesisResponse) if not name.startswith("_")) - {"kinesis_backend"}


def patches(streams: DataStreams) -> list[MotoPatch]:
    """Return a patch for every operation of moto's Kinesis: it runs here, or is rejected by name."""
    supported = _operations(streams)
    return [
        MotoPatch(
            KinesisResponse,
            name,
            "self" if name in _KNOWN else ABSENT,
            run_operation(f"kinesis.{name}", supported.get(name), unsupported),
        )
        for name in sorted(_KNOWN | supported.keys())
    ]


def _operations(streams: DataStreams) -> dict[str, Operation]:
    writes, reads, control = Writes(streams), Reads(streams), Control(streams)
    owners = (writes, reads, control)
    return {
        name: getattr(owner, name)
        for owner in owners
        for name in vars(type(owner))
        if not name.startswith("_")
    }
