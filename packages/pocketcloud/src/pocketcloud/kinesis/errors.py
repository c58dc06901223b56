"""Errors as Kinesis raises them.

https://docs.aws.amazon.com/kinesis/latest/APIReference/CommonErrors.html
"""

from moto.core.exceptions import JsonRESTError


def invalid_argument(message: str) -> JsonRESTError:
    """Return the error of an argument that does not fit the stream."""
    return JsonRESTError("InvalidArgumentException", message)


def invalid_request(message: str) -> JsonRESTError:
    """Return the error of a request that breaks a constraint of the API."""
    return JsonRESTError("ValidationException", message)


def not_found(message: str) -> JsonRESTError:
    """Return the error of a missing stream or shard."""
    return JsonRESTError("ResourceNotFoundException", message)


def in_use(message: str) -> JsonRESTError:
    """Return the error of a stream that already exists."""
    return JsonRESTError("ResourceInUseException", message)


def throttled(message: str) -> JsonRESTError:
    """Return the error of a shard whose throughput is used up."""
    return JsonRESTError("ProvisionedThroughputExceededException", message)


def expired(message: str) -> JsonRESTError:
    """Return the error of a shard iterator that is too old."""
    return JsonRESTError("ExpiredIteratorException", message)


def unsupported(message: str) -> JsonRESTError:
    """Return the error of an operation or option that the offline cloud lacks."""
    return JsonRESTError("NotImplemented", message)
