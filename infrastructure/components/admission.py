"""The sources that a queue accepts deliveries from."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import IDependable


class Admission:
    """A queue's policy, with one statement for each AWS service that delivers to it.

    SQS accepts ten conditions in a policy: one statement for each source would be too many.
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
    """

    def __init__(self, queue: sqs.Queue) -> None:
        self._queue = queue
        self._statements: dict[str, iam.PolicyStatement] = {}
        self._sources: dict[str, list[str]] = {}

    def admit(self, service: str, source_arn: str) -> IDependable:
        """Accept messages of that source of the AWS service; return the policy that must exist first."""
        sources = self._sources.setdefault(service, [])
        sources.append(source_arn)
        statement = self._statements.setdefault(service, self._statement(service))
        statement.add_condition("ArnEquals", {"aws:SourceArn": sources})
        added = self._queue.add_to_resource_policy(statement)
        if added.policy_dependable is None:
            raise TypeError("the queue is imported, with a fixed policy: pass a queue of this app")
        return added.policy_dependable

    def _statement(self, service: str) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            actions=["sqs:SendMessage"],
            resources=[self._queue.queue_arn],
            principals=[iam.ServicePrincipal(service)],
        )
