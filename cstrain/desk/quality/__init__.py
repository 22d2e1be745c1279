"""Sampled chats: plans, draws that can be repeated, estimates for all chats, and evidence.

A *plan* says which conversations of a *window* of days are looked at; a *draw* carries it out once
on a frozen *frame*, with the probability that each conversation had. What a trainer adds by hand
is a *pick*: looked at, but not counted in estimates.
"""
