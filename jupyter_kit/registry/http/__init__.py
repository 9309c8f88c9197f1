"""HTTP as registries need it: one exchange (wire), and what makes it reliable around it (client). Knows nothing of repositories."""
