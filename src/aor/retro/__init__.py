"""What we corrected: retroactive requests."""
