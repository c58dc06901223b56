"""Policies for people: observers read, operators also change."""
