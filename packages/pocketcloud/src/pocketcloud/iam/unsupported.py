"""What the evaluator does not know is refused by its name, never read as an allow or a deny."""


class UnsupportedPolicyError(NotImplementedError):
    """AWS knows this element, operator, principal, condition key or operation; the evaluator does not."""
