"""Payments: takes the money for an order once, and gives it back where it must."""
