"""Pictures of texts for cameras."""

from __future__ import annotations

import base64
import io

import qrcode  # type: ignore[import-untyped]
from qrcode.image.svg import SvgPathFillImage  # type: ignore[import-untyped]

_LONGEST = 500


def picture(text: str) -> str:
    """A QR code as the address of an image, black on white in every theme; "" for what fits into none."""
    if not 0 < len(text) <= _LONGEST:
        return ""
    code = qrcode.QRCode(border=3, image_factory=SvgPathFillImage)
    code.add_data(text)
    drawn = io.BytesIO()
    code.make_image().save(drawn)
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn.getvalue()).decode()}"
