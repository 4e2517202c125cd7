"""Journeys of people through the real site, in a real browser."""
