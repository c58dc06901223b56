"""The event log, and state beside it in DynamoDB."""
