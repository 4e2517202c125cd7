"""Settings and entry points: wires, decides nothing."""
