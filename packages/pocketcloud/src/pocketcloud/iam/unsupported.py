"""The error for policy elements that the evaluator does not support."""


class UnsupportedPolicyError(NotImplementedError):
    """The evaluator does not support this element, operator, principal, condition key or operation."""


class UnknownOperationError(UnsupportedPolicyError):
    """The permissions that this operation needs are not listed."""
