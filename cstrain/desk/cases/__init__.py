"""Notices to read (活动规则、通知): written in a minute, confirmed by one question.

A *notice* goes to the agents of a team, or of one batch. Each of them has a *reading*, fixed
when the notice is published; it is confirmed by answering the notice's question right. Every
answer is kept. Who joins the team later gets a reading of what still matters.
"""
