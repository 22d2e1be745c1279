"""Typing tests: a passage typed through an input method, judged from its event log.

Owns the runs of typing tests and practice: the event log that arrives in numbered chunks, the
passages and paragraph blocks, the figures and the checks of honesty. Words used here:
*presented* is the passage, *typed* what stands in the field at the end, a *commit* is text that
an input method hands over, a *run* is one go at a passage, a *flag* is what a check has noticed.
"""
