"""Transports of bytes and addresses: they know no word of the field, and nothing of our database."""
