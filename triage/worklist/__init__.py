"""Call, deadline and order of cases."""
