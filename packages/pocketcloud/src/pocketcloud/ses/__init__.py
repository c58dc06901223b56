"""SES: the emails that were sent."""
