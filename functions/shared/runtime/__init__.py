"""The base of every Lambda function: entry points, clients, deadlines, metrics and dead-lettering."""
