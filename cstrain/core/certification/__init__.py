"""Certificates: who may work on duty, since when, until when, on what decision.

A *certificate* is issued by the last gate's PASS and never changed but in its state: it may
be suspended, given back, or revoked, each with a reason kept as an event.
"""
