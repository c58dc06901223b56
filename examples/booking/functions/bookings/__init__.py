"""Bookings: confirms a paid booking, and cancels one without a room or a payment."""
