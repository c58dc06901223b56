"""What a function's answer to a batch means when the mapping reports batch item failures.

The documented cases: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html and
https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
"""

from collections.abc import Collection

from pocketcloud.awslambda.invocation import InvocationResult

REPORTING = "ReportBatchItemFailures"


def failures(result: InvocationResult, identifiers: Collection[str], *, reporting: bool) -> dict[str, str]:
    """The identifiers that failed, each with its reason; all of them if the answer makes no sense."""
    if result.error is not None:
        return dict.fromkeys(identifiers, str(result.error))
    if not reporting:
        return {}
    reported = _reported(result.payload)
    if isinstance(reported, str):
        return dict.fromkeys(identifiers, reported)
    unknown = [identifier for identifier in reported if identifier not in identifiers]
    if unknown:
        return dict.fromkeys(identifiers, f"reported an item that is not in the batch: {unknown[0]!r}")
    return dict.fromkeys(reported, "reported in batchItemFailures")


def _reported(answer: object) -> list[str] | str:
    """The reported identifiers, or why the whole batch counts as failed."""
    # An answer without the key, a misspelt one included, is a success to Lambda.
    if answer is None or (isinstance(answer, dict) and not answer.get("batchItemFailures")):
        return []
    items = answer.get("batchItemFailures") if isinstance(answer, dict) else None
    if not isinstance(items, list):
        return f"the answer is no batch response: {answer!r:.100}"
    identifiers = [item.get("itemIdentifier") if isinstance(item, dict) else None for item in items]
    if not all(isinstance(identifier, str) and identifier for identifier in identifiers):
        return f"an item without an itemIdentifier: {items!r:.100}"
    return [str(identifier) for identifier in identifiers]
