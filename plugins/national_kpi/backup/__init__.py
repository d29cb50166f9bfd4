"""Backup and restore: all that the platform cannot make again, from databases and the home folder."""
