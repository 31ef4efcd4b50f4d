"""OpenTelemetry in files: what collectors, SDKs and agents write of their requests to a model, in a line or a document each.

`signals` finds the spans and log records in an object, whoever wrote it; `requests` makes calls of those that are one.
"""
