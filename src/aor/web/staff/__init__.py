"""The broker team's desk: what waits, what is found, what was sent, the close; an auditor reads all of it."""
