"""What the deployer of a stage may do, and the limit of every role that it creates."""
