"""X12 interchanges read and written: enrollment files, agents of record, acknowledgments. Pure and streaming."""
