"""Content on its way in: cut, named, kept once, and committed in steps that are all or nothing."""
