"""What a call costs at list price: the dated book, the resolution of logged names, and exact arithmetic.

Pure but for `catalog.load_catalog`, which reads the book and the user's own prices.
"""
