"""Speed, memory and stored size, measured beside the peers that are on PATH. Run by hand: ``python -m tests.benchmarks``."""
