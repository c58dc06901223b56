"""Who may do what: AWS's policies, evaluated as an account evaluates them, and asked at every call.

`policy`, `conditions`, `operators`, `text`, `principals` and `evaluation` know the policy language and
nothing of moto; `actions` knows which permissions a call needs; `access` puts both together for one account.
"""
