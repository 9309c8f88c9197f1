"""What lies on disk: the LMDB index, the segments, the locks, and what remotes have promised."""
