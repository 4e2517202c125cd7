"""Numbers, clocks, inbox, messages and evidence of every kind of case."""
