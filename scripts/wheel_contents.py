"""The contents of Orderbus's wheel; an editable install takes them from the checkout instead."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CONTENTS = (
    "app.py",
    "cdk.json",
    "cli",
    "functions",
    "infrastructure",
    "requirements/lambda.txt",
    "schemas",
)


class WheelContents(BuildHookInterface[Any]):
    """Put the files below one name, `orderbus`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Choose the files; hatchling calls this before each build."""
        if version == "editable":
            return
        root = Path(self.root)
        files = {str(root / name): f"orderbus/{name}" for name in CONTENTS}
        build_data["force_include"] = {str(root / "orderbus.py"): "orderbus/__init__.py", **files}
