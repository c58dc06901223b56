"""The permissions of a stage's deployer, and the limit of every role that it creates."""
