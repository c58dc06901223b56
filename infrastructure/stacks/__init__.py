"""The stacks. They only compose components; a resource is defined here only if no component can hold it."""
