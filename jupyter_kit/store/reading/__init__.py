"""Content on its way out: chunks found, read, verified and joined."""
