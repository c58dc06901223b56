"""The constructs that the stacks of any application are composed of."""
