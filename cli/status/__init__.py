"""`orderbus status`: queues, functions and alarms."""
