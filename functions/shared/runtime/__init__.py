"""What every Lambda function stands on: entry points, clients, deadlines, metrics and dead-lettering."""
