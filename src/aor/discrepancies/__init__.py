"""A broker disagrees with a report."""
