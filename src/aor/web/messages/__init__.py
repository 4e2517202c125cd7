"""Secure messages: one inbox for each person, one thread a conversation."""
