"""Tests of the synthetic marketplace."""
