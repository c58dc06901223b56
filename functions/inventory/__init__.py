"""Inventory: sets articles aside for an order, all or nothing, and puts them back."""
