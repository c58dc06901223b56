"""Alarms as tables of rows, and dashboards."""
