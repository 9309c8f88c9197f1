"""Versions of notebooks, data and models, kept where the work happens."""

__version__ = "0.1.0"
