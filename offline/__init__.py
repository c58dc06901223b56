"""The offline cloud: deploys cdk.out into one process and carries its events, in virtual time."""
