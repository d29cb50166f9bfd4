"""The platform on one machine: starts, watches and stops its services under supervisord, without root."""
