"""A report or an association that was wrong."""
