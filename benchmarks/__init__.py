"""Measurements that are the same on any machine."""
