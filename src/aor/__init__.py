"""The open system of record for agents of record."""
