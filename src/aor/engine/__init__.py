"""What moves many rows, many bytes and many slices: no word of the field in here."""
