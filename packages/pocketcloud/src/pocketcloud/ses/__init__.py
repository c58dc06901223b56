"""SES: sent emails."""
