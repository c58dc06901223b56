"""Orderbus's facts, typed: the source of `schemas/`, their public form (`make contracts`)."""
