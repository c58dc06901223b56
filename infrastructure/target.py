"""The platform of the functions: Lambda's arm64, unless the context names another.

`cdk synth -c architecture=x86_64 -c python=3.12` is for an endpoint that runs functions on the host.
"""

from dataclasses import dataclass
from typing import Self

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

ARCHITECTURES = {"arm64": lambda_.Architecture.ARM_64, "x86_64": lambda_.Architecture.X86_64}
RUNTIMES = {
    "3.11": lambda_.Runtime.PYTHON_3_11,
    "3.12": lambda_.Runtime.PYTHON_3_12,
    "3.13": lambda_.Runtime.PYTHON_3_13,
    "3.14": lambda_.Runtime.PYTHON_3_14,
}


class UnknownTargetError(ValueError):
    """Lambda does not have the platform that the context names."""


@dataclass(frozen=True, slots=True)
class LambdaPlatform:
    """The architecture and the Python of the layer and the functions."""

    architecture: lambda_.Architecture
    runtime: lambda_.Runtime
    python: str

    @classmethod
    def of(cls, scope: Construct) -> Self:
        """The context's `architecture` (default arm64) and `python` (default 3.13)."""
        architecture = scope.node.try_get_context("architecture") or "arm64"
        python = scope.node.try_get_context("python") or "3.13"
        if architecture not in ARCHITECTURES or python not in RUNTIMES:
            raise UnknownTargetError(
                f"architecture {architecture!r}, python {python!r}: "
                f"use one of {', '.join(ARCHITECTURES)} and one of {', '.join(RUNTIMES)}"
            )
        return cls(ARCHITECTURES[architecture], RUNTIMES[python], python)
