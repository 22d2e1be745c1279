"""People, teams, roles and log-in sessions.

A *person* is known by an employee number and keeps one record for life; names and phones
stand apart in *identity*, so that they can be erased while evidence stays. A *team* is a
shop. A *membership* is a role in a team; a person may hold several.
"""
