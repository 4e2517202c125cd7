"""The broker team's desk, and the auditor's view of it."""
