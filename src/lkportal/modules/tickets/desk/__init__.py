"""Tickets at the desk: the queue, one ticket with notes and answers."""
