"""Likeness of persons, scored and explained: pure."""
