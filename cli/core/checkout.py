"""The folder with Orderbus's code and files: a checkout, or a package in site-packages."""

from pathlib import Path

ROOT = Path(__file__).parents[2]


def is_installed(root: Path) -> bool:
    """Return whether the folder is an installed package: only that is a package itself."""
    return (root / "__init__.py").exists()
