"""What was collected, as a file: a ZIP of JSON with an index, one document per module."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import msgspec

from identity_core_module_flask.desk.models import Whole


def packed(whole: Whole, opened: Callable[[str], bytes]) -> bytes:
    """The ZIP; modules that have not answered are named in its index."""
    index = {
        "number": whole.request.number,
        "asked_at": whole.request.asked_at,
        "modules": {one.module: {"file": f"{one.module}.json", "rows": one.counts} for one in whole.parts if one.body},
        "missing": [one.module for one in whole.parts if not one.body],
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.json", _readable(msgspec.json.encode(index)))
        for one in whole.parts:
            if one.body:
                archive.writestr(f"{one.module}.json", _readable(opened(one.body)))
    return file.getvalue()


def _readable(document: bytes) -> bytes:
    return msgspec.json.format(document, indent=1)
