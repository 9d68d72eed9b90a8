"""A module for each page: its routes, its words, and what its template is given."""

from pansori.web.pages import (
    account,
    engines,
    files,
    jobs,
    landing,
    library,
    licences,
    make,
    queue,
    shared,
    signin,
    templates,
    track,
)

PAGES = (files, landing, make, jobs, track, shared, library, engines, queue, signin, account, templates, licences)
"""Each has a `router`."""
