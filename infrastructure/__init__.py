"""What is deployed: the map of the system, the stacks and the components they are made of."""
