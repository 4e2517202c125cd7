"""One module an implementation guide; the words of the standard stay here."""
