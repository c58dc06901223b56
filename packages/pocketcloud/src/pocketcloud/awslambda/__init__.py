"""Lambda: sandboxes, event source mappings and asynchronous invocations."""
