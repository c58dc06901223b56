"""The address that a service sends email from."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_ses as ses
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.arns import identities_arn
from infrastructure.services import EmailSender


class SenderAddress:
    """SES's identity of the address, where the stack makes it, and the permission to send from it."""

    def __init__(self, scope: Construct, *, stage: Stage, sender: EmailSender) -> None:
        self.address: str = getattr(stage.settings, sender.address_setting)
        if getattr(stage.settings, sender.identity_setting) == "create":
            ses.EmailIdentity(scope, "Sender", identity=ses.Identity.email(self.address))

    def statement(self, scope: Construct) -> iam.PolicyStatement:
        """Allow email from this address alone.

        On every identity: SES's sandbox also checks the recipient's.
        https://github.com/cloudposse/terraform-aws-ses/issues/40
        """
        return iam.PolicyStatement(
            actions=["ses:SendEmail"],
            resources=[identities_arn(scope)],
            conditions={"StringEquals": {"ses:FromAddress": self.address}},
        )
