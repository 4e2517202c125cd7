"""Letters and statements as tagged PDF."""
