"""Orderbus's facts, typed; `schemas/` is their public form, and a test keeps the two equal."""
