"""claimx: who said what, in Italian news."""

__version__ = "0.1.0"
