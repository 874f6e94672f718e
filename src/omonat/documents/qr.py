"""A QR code as an image without a script: black on white in either colour scheme, so that a camera reads it."""

import io

import segno


def qr_svg(text: str) -> bytes:
    """The text as SVG, with the quiet zone that readers need."""
    out = io.BytesIO()
    segno.make(text, error="l", boost_error=False, micro=False).save(
        out,
        kind="svg",
        scale=6,
        border=4,
        light="#ffffff",
        dark="#000000",
        xmldecl=False,
        svgclass=None,
        lineclass=None,
    )
    return out.getvalue()
