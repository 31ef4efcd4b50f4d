"""How long a test waits for what must come: not a speed that is asked for, only the end of a hang. A build server with other
work has taken twenty seconds for what takes one.
"""

PATIENCE = 90.0
"""Seconds."""
