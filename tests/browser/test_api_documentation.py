"""`/docs` and `/redoc` in a real browser, where the policy that they are served with holds."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from support.server import Server


def test_swagger_ui_shows_the_api_and_calls_it(page: Page, shared_server: Server) -> None:
    page.goto(f"{shared_server.url}/docs")
    expect(page.locator("[data-path='/job-status/{job_id}']").first).to_be_visible()
    status = page.locator(".opblock").filter(has=page.locator("[data-path='/status']"))
    status.locator(".opblock-summary-control").click()
    status.get_by_role("button", name="Try it out").click()
    status.get_by_role("button", name="Execute").click()
    expect(status.locator(".live-responses-table")).to_contain_text("job_count")


def test_redoc_shows_the_api(page: Page, shared_server: Server) -> None:
    page.goto(f"{shared_server.url}/redoc")
    expect(page.get_by_role("heading", name="Pansori").first).to_be_visible()
    expect(page.get_by_text("/generate-music-async/").first).to_be_attached()
