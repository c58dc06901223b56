"""What the steps of one pass share: the endpoint, the command line, the assembly, the deployed stage."""

import json
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from deploy_check import certificate, endpoint, interpreter, issuer
from deploy_check.cdk import Cdk
from deploy_check.customer import signed_in
from deploy_check.endpoint import Endpoint
from deploy_check.interpreter import Interpreter
from deploy_check.issuer import Issuer
from deploy_check.left_out import TYPES
from deploy_check.shop import EMAIL, Shop
from infrastructure.names import Names


@dataclass(kw_only=True)
class Deployment:
    """One pass's things; those without a value yet are made by its first steps, in this order."""

    folder: Path
    names: Names
    held: ExitStack
    """Gives back what the steps took: processes, ports."""
    keep: bool = False
    left_out: list[str] = field(default_factory=lambda: list(TYPES))
    """What the deployed templates lack, as the endpoint does not know it."""
    interpreter: Interpreter = field(init=False)
    assembly: Path = field(init=False)
    """The assembly that is deployed first."""
    issuer: Issuer | None = None
    endpoint: Endpoint = field(init=False)
    shop: Shop = field(init=False)
    token: str = field(init=False)
    """A customer's."""

    @property
    def cdk(self) -> Cdk:
        """The command line, talking to the endpoint."""
        return Cdk(self.endpoint)

    @property
    def context(self) -> dict[str, str]:
        """What `cdk synth` is told on its command line: this machine, and what the endpoint lacks."""
        return {
            "architecture": self.interpreter.architecture,
            "python": self.interpreter.python,
            "leave_out": ",".join(TYPES),
        }

    def __post_init__(self) -> None:
        self.assembly = self.folder / "assembly"

    def prepare(self) -> None:
        """Build the endpoint's own environment."""
        self.interpreter = interpreter.prepared()

    def serve_tokens(self) -> None:
        """Serve the keys of an issuer of our own, beside the endpoint."""
        self.issuer = self.held.enter_context(issuer.serving())

    def start(self, *, iam: bool) -> None:
        """Start the endpoint; with IAM enforced, it speaks TLS."""
        issued = certificate.issued(self.folder) if iam else None
        started = endpoint.running(self.interpreter, self.folder, certificate=issued, keep=self.keep)
        self.endpoint = self.held.enter_context(started)

    def enter(self) -> None:
        """Find the deployed stage by its stacks' outputs, and become its customer."""
        outputs = json.loads((self.folder / "outputs.json").read_text())[self.names.stack("api")]
        self.shop = Shop(self.endpoint, self.names, outputs["ApiUrl"])
        self.token = (
            self.issuer.token("ada") if self.issuer else signed_in(self.endpoint, outputs, email=EMAIL)
        )
