"""Lambda: functions in sandboxes, event source mappings and asynchronous invocations."""
