"""Panels: one small file a kind. A panel draws arrays of the run by name and computes nothing."""
