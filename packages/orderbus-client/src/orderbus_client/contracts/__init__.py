"""The contracts of Orderbus: generated, see `client_package`."""
