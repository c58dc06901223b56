"""EventBridge: buses, rules, event patterns, targets, archives and schedules."""
