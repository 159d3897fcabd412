"""From one experiment's configuration to rows on disk."""
