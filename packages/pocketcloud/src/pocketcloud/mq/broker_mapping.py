"""An event source mapping of Amazon MQ, with its checks; moto has none.

https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html
"""

from collections.abc import Mapping
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import EventSourceMapping, LambdaBackend

from pocketcloud.awslambda.unchecked_mapping import DEFAULT_BATCH_SIZE, UncheckedMapping
from pocketcloud.mq.brokers import VIRTUAL_HOST

MAXIMUM_BATCH_SIZE = 10_000
NOT_OF_BROKERS = (
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "FunctionResponseTypes",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
    "ScalingConfig",
    "StartingPosition",
    "StartingPositionTimestamp",
    "TumblingWindowInSeconds",
)
"""Parameters of other event sources: a failed batch returns to the queue whole.

https://docs.aws.amazon.com/lambda/latest/dg/services-mq-params.html
"""
_ACCESS = {"BASIC_AUTH", "VIRTUAL_HOST"}


class BrokerMapping(UncheckedMapping):
    """A mapping from a queue of a broker."""

    @property
    def queue(self) -> str:
        """The queue's name."""
        return "".join(self.queues or [])

    @property
    def virtual_host(self) -> str:
        """The virtual host of the queue."""
        return _access(self.source_access_config, "VIRTUAL_HOST") or VIRTUAL_HOST

    @property
    def secret(self) -> str:
        """The ARN of the secret with the user name and the password."""
        return str(_access(self.source_access_config, "BASIC_AUTH"))


def is_broker(source_arn: str) -> bool:
    """Return whether the event source is an Amazon MQ broker."""
    return ":mq:" in source_arn


def create_broker_mapping(backend: LambdaBackend, options: dict[str, Any]) -> EventSourceMapping:
    """Store a mapping in moto."""
    function = backend._lambdas.get_function_by_name_or_arn_with_qualifier(options["FunctionName"])  # noqa: SLF001 - as moto's own
    options |= {"RegionName": backend.region_name, "AccountId": backend.account_id}
    spec = {**options, "FunctionArn": function.function_arn}
    mapping = BrokerMapping(spec)  # type: ignore[abstract]  # moto's own class lacks the methods too
    mapping.starting_position = None
    backend._event_source_mappings[mapping.uuid] = mapping  # noqa: SLF001 - as moto's own
    return mapping


def check_broker_options(options: Mapping[str, Any]) -> None:
    """Raise LambdaClientError for a parameter of other event sources, or for a missing one of this."""
    for name in NOT_OF_BROKERS:
        if options.get(name) is not None:
            raise _invalid(f"Unsupported {name} parameter for given event source mapping type.")
    if len(options.get("Queues") or []) != 1:
        raise _invalid("Queues: name exactly one queue of the broker.")
    kinds = [each.get("Type") for each in options.get("SourceAccessConfigurations") or []]
    if unknown := sorted({str(kind) for kind in kinds} - _ACCESS):
        raise _invalid(f"SourceAccessConfigurations: {', '.join(unknown)} is not of Amazon MQ for RabbitMQ.")
    if kinds.count("BASIC_AUTH") != 1 or kinds.count("VIRTUAL_HOST") > 1:
        raise _invalid("SourceAccessConfigurations: name one BASIC_AUTH secret and at most one VIRTUAL_HOST.")
    if not 1 <= int(options.get("BatchSize", DEFAULT_BATCH_SIZE)) <= MAXIMUM_BATCH_SIZE:
        raise _invalid(f"BatchSize {options['BatchSize']} is not between 1 and {MAXIMUM_BATCH_SIZE}.")


def _access(configurations: Any, kind: str) -> str | None:
    return next((str(each["URI"]) for each in configurations or [] if each["Type"] == kind), None)


def _invalid(message: str) -> LambdaClientError:
    return LambdaClientError("InvalidParameterValueException", message)
