"""People, sites, roles, tokens, and the audit trail of what they did."""
