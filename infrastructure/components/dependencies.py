"""The third-party packages of every function."""

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.target import LambdaPlatform


class Dependencies(Construct):
    """A layer with the locked packages; each stack has its own and deploys alone.

    `packages` names another lock than the shared one, for one service.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, packages: str | None = None
    ) -> None:
        super().__init__(scope, construct_id)
        target, bundles = LambdaPlatform.of(self), stage.application.bundles
        layer = bundles.layer(
            target.architecture.name, target.python, _more_services(stage), packages_of=packages
        )
        self.layer = lambda_.LayerVersion(
            self,
            "Resource",
            code=lambda_.Code.from_asset(str(layer)),
            compatible_architectures=[target.architecture],
            compatible_runtimes=[target.runtime],
            description=f"What requirements/{packages or 'lambda'}.txt locks",
        )


def _more_services(stage: Stage) -> frozenset[str]:
    """The AWS services that only the ordered stream's functions call."""
    return frozenset({"kinesis"}) if stage.settings.ordered_stream else frozenset()
