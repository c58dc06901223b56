"""IAM: evaluate policies on every call, as AWS does.

`policy`, `conditions`, `operators`, `text`, `principals` and `evaluation` implement the policy language,
without moto; `actions` lists the permissions of each call; `access` combines both for one account.
"""
