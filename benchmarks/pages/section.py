"""The portal's section of the page of figures."""

from __future__ import annotations

BEGIN, END = "<!-- pages -->", "<!-- end of pages -->"


def kept(page: str) -> str:
    """The section in a page, marks included; empty where there is none."""
    _, begin, rest = page.partition(BEGIN)
    inside, end, _ = rest.partition(END)
    return f"{begin}{inside}{end}\n" if begin and end else ""
