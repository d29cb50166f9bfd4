"""Opening received files of every accepted kind: what lies in which cell, without knowing what it means."""
