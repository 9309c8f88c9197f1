"""The distribution specification as a client speaks it: one registry, what it can do, and each of its workflows."""
