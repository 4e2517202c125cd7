"""Users, roles, tokens, and who may act for whom."""
