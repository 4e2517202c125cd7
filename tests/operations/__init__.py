"""Running it for real: a month of work, shadow mode, settings and runbooks."""
