"""Find the failed items in a function's batch response.

Documented cases: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html and
https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
"""

from collections.abc import Callable, Collection

from pocketcloud.awslambda.invocation import InvocationResult

REPORT_BATCH_ITEM_FAILURES = "ReportBatchItemFailures"


def find_failures(
    result: InvocationResult,
    identifiers: Collection[str],
    *,
    reporting: bool,
    read: Callable[[object], object] = lambda identifier: identifier,
) -> dict[str, str]:
    """Return the failed identifiers with their reasons; all of them if the response is invalid.

    `read` returns the text of an identifier that has another form.
    """
    if result.error is not None:
        return dict.fromkeys(identifiers, str(result.error))
    if not reporting:
        return {}
    reported = _reported(result.payload, read)
    if isinstance(reported, str):
        return dict.fromkeys(identifiers, reported)
    unknown = [identifier for identifier in reported if identifier not in identifiers]
    if unknown:
        return dict.fromkeys(
            identifiers, f"the function reported an item that is not in the batch: {unknown[0]!r}"
        )
    return dict.fromkeys(reported, "reported in batchItemFailures")


def _reported(response: object, read: Callable[[object], object]) -> list[str] | str:
    """Return the reported identifiers, or the reason why the whole batch failed."""
    # Lambda treats a response without the key, with a misspelt key, or an empty list as a success.
    if response in (None, []) or (isinstance(response, dict) and not response.get("batchItemFailures")):
        return []
    items = response.get("batchItemFailures") if isinstance(response, dict) else None
    if not isinstance(items, list):
        return f"the response is not a batch response: {response!r:.100}"
    identifiers = [read(item.get("itemIdentifier")) if isinstance(item, dict) else None for item in items]
    if not all(isinstance(identifier, str) and identifier for identifier in identifiers):
        return f"an item without an itemIdentifier: {items!r:.100}"
    return [str(identifier) for identifier in identifiers]
