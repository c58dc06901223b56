"""Orderbus's facts and the values in them: the public contract as types."""
