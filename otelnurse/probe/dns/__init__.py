"""Names to addresses, with an account of which nameserver was asked, what it said and how long that took.

The order of trust is the system's own: /etc/hosts, then the nameservers of /etc/resolv.conf by its rules. Nothing is
cached: a nurse wants to know whether the nameserver answers now.
"""
