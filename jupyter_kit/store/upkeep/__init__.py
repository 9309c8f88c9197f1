"""Looking after a store: what is reachable, what is damaged, what can go, and an index made anew."""
