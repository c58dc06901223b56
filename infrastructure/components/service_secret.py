"""A secret of one service."""

from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.components.key_reference import key_arn
from infrastructure.removal import kept_once_made
from infrastructure.services import Secret


class ServiceSecret(Construct):
    """A secret without a value: a person puts it in once, and no template or environment holds it.

    The level-one resource: the level-two one generates a value.
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, secret: Secret) -> None:
        super().__init__(scope, construct_id)
        self.secret = secretsmanager.CfnSecret(
            self,
            "Resource",
            name=stage.names.of(secret.name),
            description=secret.description,
            kms_key_id=key_arn(stage),
        )
        self.secret.apply_removal_policy(kept_once_made(stage))
