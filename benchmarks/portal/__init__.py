"""How fast the portal answers: a real server, a market of full size, readers and writers at once."""
