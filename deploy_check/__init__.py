"""`make deploy-check`: the real CDK command line against an endpoint that this repository did not write."""
