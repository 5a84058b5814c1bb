"""Audit of representations that were saved by someone else: snapshots in, one pass, a report out."""
