"""The stage's key, as the resources of any of its stacks refer to it."""

from typing import TypedDict, cast

from aws_cdk import Fn, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infrastructure.application import Stage

KEY_OUTPUT = "KeyArn"
"""The output of the key's stack. Log groups and policies need the ARN, which has a random id."""


class TableEncryption(TypedDict, total=False):
    """The arguments of a table that has the stage's key."""

    encryption: dynamodb.TableEncryption
    encryption_key: kms.IKey


class QueueEncryption(TypedDict, total=False):
    """The arguments of a queue: SQS's own key, or the stage's."""

    encryption: sqs.QueueEncryption
    encryption_master_key: kms.IKey


def key_arn(stage: Stage) -> str | None:
    """Return the ARN of the stage's key, by the name of its stack; None if it has none."""
    if not stage.settings.encryption_key:
        return None
    return str(Fn.get_stack_output(stage.names.key_stack, KEY_OUTPUT))


def key_of(scope: Construct, stage: Stage) -> kms.IKey | None:
    """Return the stage's key for resources of the scope's stack; None if it has none."""
    stack, construct_id = Stack.of(scope), "EncryptionKey"
    arn = key_arn(stage)
    if arn is None:
        return None
    found = stack.node.try_find_child(construct_id)
    return cast("kms.IKey", found) if found else kms.Key.from_key_arn(stack, construct_id, arn)


def table_encryption(scope: Construct, stage: Stage) -> TableEncryption:
    """Return how a table is encrypted, as arguments; none leaves it to DynamoDB's own key."""
    key = key_of(scope, stage)
    if key is None:
        return {}
    return {"encryption": dynamodb.TableEncryption.CUSTOMER_MANAGED, "encryption_key": key}


def queue_encryption(scope: Construct, stage: Stage) -> QueueEncryption:
    """Return how a queue is encrypted, as arguments."""
    key = key_of(scope, stage)
    if key is None:
        return {"encryption": sqs.QueueEncryption.SQS_MANAGED}
    return {"encryption": sqs.QueueEncryption.KMS, "encryption_master_key": key}
