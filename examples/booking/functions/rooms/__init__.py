"""Rooms: holds a room for a request, and releases it if the payment is declined."""
