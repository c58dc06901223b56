"""Notifications: tells the customer how the order goes, by e-mail."""
