"""Payments: charges the guest for a room that is held."""
