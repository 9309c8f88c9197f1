"""Servers on loopback that the tests talk to: Debian's docker-registry, a token server, a registry's double and a proxy with faults."""
