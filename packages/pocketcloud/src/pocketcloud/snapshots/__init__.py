"""Deployments as pickles: a second account with the same assembly starts in a fraction of the time."""
