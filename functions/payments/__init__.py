"""Payments: charges an order once, and refunds it if needed."""
