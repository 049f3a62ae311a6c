"""Endurance: hosts and agents, sudden deaths and failing storage, and what must hold after each death."""
