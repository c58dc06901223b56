"""Serve the offline cloud over HTTP on 127.0.0.1."""
