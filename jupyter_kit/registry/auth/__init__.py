"""Who we are to a registry: credentials and where they are kept, challenges, tokens."""
