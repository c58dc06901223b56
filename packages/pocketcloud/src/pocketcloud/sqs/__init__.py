"""SQS: queues and messages."""
