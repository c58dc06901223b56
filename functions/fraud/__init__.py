"""Fraud: judges every order that is created, by rules that are data, and states its suspicions."""
