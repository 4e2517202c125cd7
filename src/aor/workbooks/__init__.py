"""Spreadsheets: tables that others sent us, read safely, and the workbooks that we send."""
