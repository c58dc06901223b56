"""What becomes of a resource that its stack no longer has."""

from aws_cdk import RemovalPolicy

from infrastructure.stage import Stage


def kept_once_made(stage: Stage) -> RemovalPolicy:
    """As long as the stage's data; but what a rolled-back creation made goes, as its name would be taken.

    Tables and customers stay even then: deletion protection, where a stage has it, refuses a rollback too.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
    """
    keeps = stage.removal_policy == "retain"
    return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if keeps else RemovalPolicy.DESTROY
