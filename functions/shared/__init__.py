"""The shared library of all services; it imports no service."""
