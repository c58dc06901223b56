"""What every command shares: the account, options, errors and exit codes."""
