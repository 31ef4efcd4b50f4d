"""What Cuenta writes into an agent's settings: shown as a difference first, backed up, recorded, and taken out again.

There is no other way from here to a file of an agent's. `edits` says what is to stand there, `plan` what that makes of the
file, `writing` does it and undoes it, `ledger` remembers.
"""
