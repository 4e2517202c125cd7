"""Each main job beside its floor, on this machine, on both databases; `python -m benchmarks` writes the page."""
