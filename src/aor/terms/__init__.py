"""The words of the field as types: pure, frozen, and known to every layer above."""
