"""The command `orderbus`, in a checkout and installed.

The wheel holds this file as `orderbus/__init__.py` with `cli`, `functions` and the other packages
beside it, so site-packages gets one name. Only the command's process puts that folder on its path.
"""

import sys
from pathlib import Path


def main() -> None:
    """Run the command line."""
    folder = str(Path(__file__).parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    from cli.main import main as command_line  # noqa: PLC0415 - found only on the path above

    command_line()
