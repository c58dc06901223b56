"""Bookings: confirms what is held and paid."""
