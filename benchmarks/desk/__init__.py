"""How fast the broker team's pages answer on a market of full size, page by page."""
