"""Marks: what is drawn in a frame, each bound to arrays of a run by name, with a role for its ink."""
