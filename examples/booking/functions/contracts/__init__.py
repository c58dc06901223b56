"""The facts of the booking domain."""
