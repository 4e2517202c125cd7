"""Whole months against carriers that judge independently."""
