"""The stages of attribution, one a module; none knows of another."""
