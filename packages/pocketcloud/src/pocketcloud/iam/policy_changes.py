"""Requests that may change a policy; cached policies are dropped after them."""

_CHANGES_NONE = frozenset(
    {
        *("AmazonSQS.ChangeMessageVisibility", "AmazonSQS.DeleteMessage", "AmazonSQS.DeleteMessageBatch"),
        *("AmazonSQS.GetQueueAttributes", "AmazonSQS.GetQueueUrl", "AmazonSQS.ReceiveMessage"),
        *("AmazonSQS.SendMessage", "AmazonSQS.SendMessageBatch", "AWSEvents.PutEvents"),
    }
)
_DYNAMODB = "DynamoDB_20120810."


def may_change_policies(target: str) -> bool:
    """Return whether a request with this `X-Amz-Target` may; it is empty for other protocols than JSON."""
    return target not in _CHANGES_NONE and not target.startswith(_DYNAMODB)
