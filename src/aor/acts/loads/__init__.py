"""Files that others send, taken row by row: how a cell reads, which columns a kind has, what changes in the rows."""
