"""A book of business moves."""
