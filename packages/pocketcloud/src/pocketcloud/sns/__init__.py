"""SNS: deliver messages from topics to subscriptions."""
