"""The removal policy of resources with fixed names."""

from aws_cdk import RemovalPolicy

from infrastructure.application import Stage


def kept_once_made(stage: Stage) -> RemovalPolicy:
    """Keep the resource as long as the stage's data, but delete it if its creation is rolled back.

    Otherwise its name would be taken. Tables and customers stay even then: deletion protection, where a stage
    has it, also blocks a rollback.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
    """
    keeps = stage.settings.removal_policy == "retain"
    return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if keeps else RemovalPolicy.DESTROY
