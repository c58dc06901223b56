"""What the payment provider knows us by."""

from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infrastructure.removal import kept_once_made
from infrastructure.stage import Stage


class PaymentSecret(Construct):
    """A secret without a value: a person puts it in once, so that no template and no environment holds it.

    The level-one resource, as the level-two one makes a value up.
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self.secret = secretsmanager.CfnSecret(
            self,
            "Resource",
            name=stage.names.payment_secret,
            description="JSON: api_key (sk_…) and webhook_secret (whsec_…) of the payment provider.",
        )
        self.secret.apply_removal_policy(kept_once_made(stage))
