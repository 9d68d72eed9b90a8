"""The parts of a running installation, put together by `pansori.bootstrap` and handed to whoever serves or works."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pansori import jobs, telemetry
from pansori.accounts import Accounts
from pansori.db import Database
from pansori.domain.jobs import JobView, StepState
from pansori.domain.units import Seconds
from pansori.engines.registry import Registry
from pansori.jobs import Kernel, Workflow
from pansori.media import Assets, AssetStore, Uploads
from pansori.settings import Settings
from pansori.workflows.analysis.handing_out import Handout


@dataclass(frozen=True)
class Services:
    settings: Settings
    registry: Registry
    database: Database
    store: AssetStore
    assets: Assets
    workflows: Mapping[str, Workflow]
    kernel: Kernel
    accounts: Accounts
    uploads: Uploads
    handout: Handout

    def submit(
        self,
        kind: str,
        task: Any,
        *,
        owner: UUID,
        origin: str,
        priority: int = 0,
        deadline: Seconds | None = None,
        idempotency_key: str | None = None,
        gate: Callable[[Session], None] | None = None,
    ) -> JobView:
        """Accept a task, store its job and wake a worker. When this returns, the job cannot be lost any more.

        `gate` is called in the storing transaction and may refuse by raising. Raises `UnknownKind`, and what
        `Workflow.accept`, `Workflow.look`, `Workflow.complete` and `jobs.submit` raise; `QuotaExceeded` where the
        owner's files leave no room for more.
        """
        workflow = self.kernel.workflow(kind)
        task = workflow.accept(task)
        workflow.look(task, owner)
        with telemetry.span(f"submit {kind}", "producer") as span, self.database.write() as session:
            if gate is not None:
                gate(session)
            task = workflow.complete(session, task, owner)
            self.assets.quotas.check(session, owner)
            job = jobs.submit(
                session,
                workflow,
                task,
                owner=owner,
                origin=origin,
                priority=priority,
                deadline=deadline,
                idempotency_key=idempotency_key,
            )
            span.set("pansori.job_id", str(job.id))
        self.kernel.wake({step.queue for step in job.steps if step.state is StepState.READY})
        return job

    def close(self) -> None:
        """End what runs in the background here. Nothing that was stored is lost."""
        self.accounts.close()
        self.kernel.close()
