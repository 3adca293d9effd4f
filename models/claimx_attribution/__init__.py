"""The trained attribution models of claimx: `forests.npz` and `settings.json`; see models/README.md."""
