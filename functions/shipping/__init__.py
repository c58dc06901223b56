"""Shipping: hands confirmed orders to a carrier."""
