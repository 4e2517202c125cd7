"""A returned workbook beside everybody on file, and a book that moves: measured on both databases."""
