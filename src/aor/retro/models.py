"""Rows of this department."""
