"""Counts and ratios that hold on any machine."""
