"""The rules, pure: facts in, Decision out. No database, no clock, no files (docs/policy is their prose)."""
