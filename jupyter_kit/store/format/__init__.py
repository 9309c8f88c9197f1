"""The bytes of a store and what they mean: versions, tables, rows, recipes, events, names."""
