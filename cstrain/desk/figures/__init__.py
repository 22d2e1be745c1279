"""Figures of the agents' work: indicators of service, and what a transcript shows by rule. Pure.

A *round* is a customer's first unanswered message and the reply to it. A *profile* says, by name
and version, how rounds are counted, because platforms disagree. A *sign* is something seen in a
line of a transcript; it never grades by itself.
"""
