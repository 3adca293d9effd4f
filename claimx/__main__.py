"""`python -m claimx`."""

from __future__ import annotations

from claimx.cli import main

if __name__ == "__main__":
    main()
