"""pyx12 as an independent judge of what we write. It takes text handles, and never a TA1 alone (it would crash)."""

from __future__ import annotations

import io

import pyx12.params
import pyx12.x12n_document


def valid(content: bytes) -> bool:
    """Whether pyx12 finds the interchange valid."""
    params = pyx12.params.ParamsBase()
    return bool(pyx12.x12n_document.x12n_document(params, io.StringIO(content.decode()), None, None))
