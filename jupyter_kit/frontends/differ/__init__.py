"""Two versions of a notebook compared by nbdime, in a process of its own that is stopped when it takes too long."""
