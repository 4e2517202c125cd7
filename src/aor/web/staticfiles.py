"""Static files under names with their hash once collected; under their own names before."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """`aor serve` collects; tests and development serve the files where they lie."""

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        """The hashed name when the file was collected, else its own."""
        return str(self.hashed_files.get(self.hash_key(name), name))
