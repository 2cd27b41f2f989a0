"""REST v1: calls that modules declare as data, answered one way. What a module declares stands in lkportal.core.rest."""
