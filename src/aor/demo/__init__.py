"""A synthetic marketplace that lives its months through the same commands as a real one. No real person is in it."""
