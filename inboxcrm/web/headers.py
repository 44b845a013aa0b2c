"""The headers that keep a page to itself: nothing from elsewhere, no script or style in the page, no framing."""

from __future__ import annotations

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""For every page. Mails are shown under `mail_policy`."""

FRAMING_POLICY = f"{PAGE_POLICY}; frame-src 'self'"
"""For the one page that holds a mail in a frame."""


def mail_policy(*, remote_images: bool) -> str:
    """For a mail's own HTML: no script whatever, a foreign origin, nothing loaded but images where a person asked for them."""
    images = "data: https:" if remote_images else "data:"
    return (
        f"default-src 'none'; img-src {images}; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
    )


SECURITY_HEADERS = {
    "content-security-policy": PAGE_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}
"""Added to every answer that doesn't set them itself."""
