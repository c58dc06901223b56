"""The state shared by the steps of one pass: endpoint, command line, assembly and deployed stage."""

import json
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from deploy_check import certificate, endpoint, interpreter, issuer
from deploy_check.cdk import Cdk
from deploy_check.endpoint import Endpoint
from deploy_check.interpreter import Interpreter
from deploy_check.issuer import Issuer
from deploy_check.ministack import ministack
from deploy_check.shop import EMAIL, Shop
from deploy_check.unsupported_types import TYPES
from deploy_check.user_pool import sign_in
from infrastructure.names import Names


@dataclass(kw_only=True)
class Deployment:
    """The state of one pass; its first steps set the attributes without a value, in this order."""

    folder: Path
    names: Names
    resources: ExitStack
    """Ends the processes and servers that the steps start."""
    keep: bool = False
    omitted: list[str] = field(default_factory=lambda: list(TYPES))
    """The types and conditions missing from the deployed templates, which the endpoint does not support."""
    interpreter: Interpreter = field(init=False)
    assembly: Path = field(init=False)
    """The assembly that is deployed first."""
    issuer: Issuer | None = None
    endpoint: Endpoint = field(init=False)
    shop: Shop = field(init=False)
    token: str = field(init=False)
    """The token of a customer."""

    @property
    def cdk(self) -> Cdk:
        """Return the CDK command line for the endpoint."""
        return Cdk(self.endpoint)

    @property
    def context(self) -> dict[str, str]:
        """Return the context of `cdk synth`: this machine, and the types to leave out."""
        return {
            "architecture": self.interpreter.architecture,
            "python": self.interpreter.python,
            "leave_out": ",".join(TYPES),
        }

    def __post_init__(self) -> None:
        self.assembly = self.folder / "assembly"

    def prepare(self) -> None:
        """Install the endpoint that runs functions."""
        self.interpreter = interpreter.prepare_environment("endpoint")

    def serve_tokens(self) -> None:
        """Start a token issuer beside the endpoint."""
        self.issuer = self.resources.enter_context(issuer.serve_issuer())

    def start(self, *, iam: bool) -> None:
        """Start the endpoint; with IAM enforced, it speaks TLS."""
        tls = certificate.create_certificate(self.folder) if iam else None
        server_at = partial(ministack, self.interpreter, self.folder, tls)
        started = endpoint.run_endpoint(server_at, self.folder, certificate=tls, keep=self.keep)
        self.endpoint = self.resources.enter_context(started)

    def sign_in(self) -> None:
        """Find the API by its stack's outputs, and get a customer's token."""
        outputs = json.loads((self.folder / "outputs.json").read_text())[self.names.stack("api")]
        self.shop = Shop(self.endpoint, self.names, outputs["ApiUrl"])
        self.token = self.issuer.token("ada") if self.issuer else sign_in(self.endpoint, outputs, email=EMAIL)
