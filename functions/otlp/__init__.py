"""Sampled traces: spans made from the ordered stream, sent to a collector; no other function has spans."""
