"""Notifications: emails the customer about the progress of the order."""
