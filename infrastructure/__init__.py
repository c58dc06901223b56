"""The deployment: the topology, the stacks and their components."""
