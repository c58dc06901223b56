"""Fraud: checks every new order against rules, and publishes its suspicions."""
