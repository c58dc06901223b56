"""A folder for the bundles of a test, with the layers and the bytecode that this checkout has built."""

from pathlib import Path

from infrastructure.orderbus import ORDERBUS


def build_folder(folder: Path) -> Path:
    """Return the new folder: both are kept by their content, and building them again takes seconds."""
    build = folder / "build"
    build.mkdir()
    for name in ("bytecode", "layers"):
        (build / name).symlink_to(ORDERBUS.bundles.build / name)
    return build
