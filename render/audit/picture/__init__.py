"""The picture of an audit: a dashboard of one snapshot, or an animation of a series."""
