"""The contracts of `packages/orderbus-client`, copied from the classes that the functions use."""
