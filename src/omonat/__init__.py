"""Omonat: the system that a privacy policy describes.

One machine-readable policy is the source of the published text and the only door through which
personal data enters, is used, is disclosed and is destroyed. `docs/areas.md` is the map.
"""

__version__ = "2026.11.0"
