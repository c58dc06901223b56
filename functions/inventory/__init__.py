"""Inventory: reserves the lines of an order, all or nothing, and releases them."""
