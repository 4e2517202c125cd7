"""A consumer's pages, and the public directory."""
