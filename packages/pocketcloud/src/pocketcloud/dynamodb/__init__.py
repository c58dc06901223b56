"""DynamoDB: streams, transactions and a fast path for calls."""
