"""The kernel: the database owns the work, and who carries it out is exchangeable."""

from pansori.jobs._bell import Bell, NoBell
from pansori.jobs._counting import Counting
from pansori.jobs._feed import ChangeFeed, PollingFeed
from pansori.jobs._forget import forget
from pansori.jobs._journal import Deed, journal
from pansori.jobs._kernel import Kernel
from pansori.jobs._load import Load, QueueLoad, count_jobs, load
from pansori.jobs._presence import served_queues
from pansori.jobs._process import host_identity
from pansori.jobs._run import claim_and_run
from pansori.jobs._submit import cancel, retry, submit
from pansori.jobs._summary import JobSummary, summaries
from pansori.jobs._sweeper import Sweeper
from pansori.jobs._tallies import BOUNDS, LABELS, Tally, count_events, tallies
from pansori.jobs._views import Counts, Page, counts, events, get, latest_event_id, list_jobs, running
from pansori.jobs._waiting import deliver
from pansori.jobs._watcher import Watcher, recover
from pansori.jobs._workflow import StepRun, Workflow, cache_key
from pansori.jobs.hosts import Host, make_host
from pansori.jobs.hosts.inline import run_inline
from pansori.jobs.hosts.local import LocalHost
from pansori.jobs.hosts.supervisor import Supervisor
from pansori.jobs.hosts.twin import Twin

__all__ = [
    "BOUNDS",
    "LABELS",
    "Bell",
    "ChangeFeed",
    "Counting",
    "Counts",
    "Deed",
    "Host",
    "JobSummary",
    "Kernel",
    "Load",
    "LocalHost",
    "NoBell",
    "Page",
    "PollingFeed",
    "QueueLoad",
    "StepRun",
    "Supervisor",
    "Sweeper",
    "Tally",
    "Twin",
    "Watcher",
    "Workflow",
    "cache_key",
    "cancel",
    "claim_and_run",
    "count_events",
    "count_jobs",
    "counts",
    "deliver",
    "events",
    "forget",
    "get",
    "host_identity",
    "journal",
    "latest_event_id",
    "list_jobs",
    "load",
    "make_host",
    "recover",
    "retry",
    "run_inline",
    "running",
    "served_queues",
    "submit",
    "summaries",
    "tallies",
]
