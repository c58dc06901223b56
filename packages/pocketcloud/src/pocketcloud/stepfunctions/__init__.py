"""Step Functions: state machines in Amazon States Language, run in virtual time."""
