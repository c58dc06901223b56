"""Inclusion of JSON Schemas: whether every instance of one is an instance of another."""
