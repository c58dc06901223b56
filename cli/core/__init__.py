"""Shared by all commands: account, options, errors, exit codes and output."""
