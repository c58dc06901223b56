"""The error for a pattern that AWS would reject."""


class InvalidPatternError(ValueError):
    """AWS would reject this pattern, with this message."""
