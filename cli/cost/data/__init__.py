"""Prices, assumptions and quotas, as data."""
