"""Synthesise the stacks: `cdk synth` runs this, and `python app.py` writes the same templates to cdk.out."""

import json
import os
from pathlib import Path

from infrastructure import synthesis

ROOT = Path(__file__).parent
PATHS = {"aws:cdk:enable-path-metadata": True}
"""The CDK command line sets this (cdk.json cannot): each resource names its construct."""


def synthesise(outdir: Path, **context: str) -> None:
    """Write the cloud assembly to `outdir`, with cdk.json's context and this one on top of it."""
    settings = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    synthesis.synthesise(outdir, context={**settings, **PATHS, **context})


if __name__ == "__main__":
    # The CDK command line names its own folder, and gives its context in CDK_CONTEXT_JSON, which App reads.
    synthesise(Path(os.environ.get("CDK_OUTDIR", ROOT / "cdk.out")))
