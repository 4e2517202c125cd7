"""Matching on rows spoilt in known ways, beside exact match, difflib and splink."""
