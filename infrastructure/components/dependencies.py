"""The third-party packages of every function."""

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infrastructure import bundles


class Dependencies(Construct):
    """A layer with what requirements/lambda.txt locks; each stack has its own, so that it deploys alone."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.layer = lambda_.LayerVersion(
            self,
            "Resource",
            code=lambda_.Code.from_asset(str(bundles.layer())),
            compatible_architectures=[lambda_.Architecture.ARM_64],
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
            description="What requirements/lambda.txt locks",
        )
