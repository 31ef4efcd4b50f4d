"""Cuenta: what coding agents cost, counted from the logs they leave on this machine."""

__version__ = "0.1.0"
