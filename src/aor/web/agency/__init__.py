"""An agency's pages: roster, support staff, book, readiness."""
