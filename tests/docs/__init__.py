"""The pages of README and docs: links, commands, generated tables and pictures."""
