"""Patterns as regular languages: a subset of Python's `re`, decided exactly."""
