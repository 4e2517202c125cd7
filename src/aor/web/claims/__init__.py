"""A broker's questions about reports: discrepancies, retroactive requests, statements; also for support staff."""
