"""Open data: every certified period as files that anybody can read, at an address that stays."""
