"""The nouns the stacks are made of."""
