"""Audit of representations that someone else saved: snapshots are read once, and reported on number by number."""
