"""Of this language."""
