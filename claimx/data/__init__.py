"""Language data: YAML files read by `claimx.lexicon`."""
