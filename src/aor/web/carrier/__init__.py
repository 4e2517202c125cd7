"""A carrier's pages: its files, answers and record."""
