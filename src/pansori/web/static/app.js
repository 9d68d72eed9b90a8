// What every page has: the theme, dialogs, questions before deeds, keys, and where to go when a job is done.
import { player } from "./player.js";
import { star } from "./stars.js";
import { tellTimes } from "./times.js";
import { trash } from "./trash.js";
import { labelAll, readWords } from "./words.js";

const TYPING = "input:not([type=checkbox], [type=radio], [type=range], [type=button]), textarea, select, [contenteditable]";
const PAPER = { light: "#F7F3EA", dark: "#15120E" };
const tabs = new BroadcastChannel("pansori");
const view = () => document.getElementById("view");

// -- navigation ------------

/** Swap the view for the page at `path`, as a click on a link would; the player goes on. */
export function go(path, history = { push: "true" }) {
  htmx.ajax("GET", path, { target: "#view", select: "#view", swap: "outerHTML show:top showTarget:html", ...history });
}

function arrived() {
  readWords();
  document.documentElement.lang = view().lang;
  labelAll(document);
  tellTimes(document);
  player.mark(document);
  if (document.getElementById("live")) tabs.postMessage("known");
}

const content = () => document.getElementById("main"); // Back keeps the view and swaps what is in it
let shown = content();
document.addEventListener("htmx:after:swap", () => {
  if (content() === shown) return;
  shown = content();
  arrived();
  const place = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  (place || shown).focus({ preventScroll: true });
});

// Server errors come as pages and are shown; a server that is away is told of, and asked again.
function tellOffline(away) {
  const note = document.getElementById("offline");
  if (note) note.hidden = !away;
}
addEventListener("offline", () => tellOffline(true));
addEventListener("online", () => tellOffline(false));
document.addEventListener("htmx:error", (event) => tellOffline(event.detail?.error instanceof TypeError));
document.addEventListener("htmx:sse:after:connection", () => tellOffline(false));
document.addEventListener("htmx:after:request", () => tellOffline(false));
document.addEventListener("pansori:refused", (event) => told(event.detail));

/** What a status says of the server and of the login; 0: there was no answer. */
function told(status) {
  if (status === 401) document.getElementById("signed-out")?.removeAttribute("hidden");
  else if (status === 0 || status >= 500) tellOffline(true);
}

// -- readers: whoever makes a first song is known from then on, also in tabs that were opened before ------------

const typed = () => [...document.querySelectorAll("main :is(input, textarea)")].some((field) => field.value !== field.defaultValue);

tabs.addEventListener("message", () => {
  if ("nobodys" in view().dataset && !typed()) go(location.pathname + location.search, { replace: "true" });
});

// -- jobs ------------

document.addEventListener("finished", (event) => {
  if (event.target.id !== "live") return;
  const made = event.detail?.data;
  go(made || location.pathname + location.search, { replace: "true" }); // what is done is nothing to come back to
});

// -- stars: those of the library are its own ------------

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || !event.target.dataset?.star) return;
  event.preventDefault();
  star(event.target, () => go(location.pathname, { replace: "true" }));
});

// -- theme: kept by the server in a cookie, shown at once ------------

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-theme-form]")) return;
  event.preventDefault();
  const theme = event.submitter.value;
  wear(theme);
  form.closest("details").open = false;
  form.closest("details").querySelector("summary").focus();
  const body = new URLSearchParams({ theme, next: "/" });
  await fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => told(0));
});

/** `auto`: as the system is. */
function wear(theme) {
  document.documentElement.dataset.theme = theme;
  document.querySelector("meta[name=color-scheme]").content = theme === "auto" ? "light dark" : theme;
  for (const meta of document.querySelectorAll("meta[name=theme-color]")) {
    meta.content = PAPER[theme] ?? PAPER[meta.media.includes("dark") ? "dark" : "light"];
  }
  for (const button of document.querySelectorAll("[data-theme-form] button")) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
  document.dispatchEvent(new CustomEvent("pansori:theme"));
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new CustomEvent("pansori:theme")));

// -- menus, and questions before what cannot be undone ------------

document.addEventListener("click", (event) => {
  const copier = event.target.closest("[data-copies]");
  if (copier) copy(copier);
  if (event.target.matches?.("dialog")) event.target.close(); // the backdrop
  closeMenus(event.target.closest(".menu"));
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector(".menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

function closeMenus(except) {
  for (const menu of document.querySelectorAll(".menu[open]")) if (menu !== except) menu.open = false;
}

// What is deleted on a page of its own goes as it does in a list: from sight at once, for good where that is not undone.
document.addEventListener(
  "submit",
  (event) => {
    const { deletes, path, told, then } = event.target.dataset ?? {};
    if (!deletes) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    trash.put([deletes], { path, told });
    go(then);
  },
  { capture: true },
);

document.addEventListener(
  "submit",
  (event) => {
    const question = event.target.dataset?.confirm;
    if (!question || confirm(question)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  { capture: true },
);

async function copy(button) {
  const field = document.getElementById(button.dataset.copies);
  const copied = await navigator.clipboard?.writeText(field.value).then(() => true, () => false);
  if (!copied) {
    field.select(); // where there is no clipboard, as on pages from another machine by plain HTTP, or it is not allowed
    document.execCommand("copy");
  }
  if ("copied" in button.dataset) return; // it says so already
  const before = [...button.childNodes];
  const label = button.getAttribute("aria-label");
  button.dataset.copied = "";
  button.removeAttribute("aria-label"); // what is read out is what is seen
  button.textContent = readWords().copied;
  setTimeout(() => {
    button.replaceChildren(...before);
    if (label !== null) button.setAttribute("aria-label", label);
    delete button.dataset.copied;
  }, 1600);
}

// What a browser refuses has to be seen, also where it stood folded away.
document.addEventListener(
  "invalid",
  (event) => {
    const fold = event.target.closest("details");
    if (fold) fold.open = true;
  },
  { capture: true },
);

// -- keys ------------

const KEYS = {
  " ": () => player.toggle(),
  k: () => player.toggle(),
  ArrowLeft: () => player.skip(-5),
  ArrowRight: () => player.skip(5),
  j: () => player.skip(-10),
  l: () => player.skip(10),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest?.(TYPING) || document.querySelector("dialog[open]")) return;
  if (event.key === "?") return showKeys(event);
  if (event.key === "/") return search(event);
  // Space presses the button or ticks the box that has the focus, and arrows move a slider: those are theirs.
  const own = event.key === " " ? "button, a, summary, [type=checkbox], [type=radio], [role=button], audio" : event.key.startsWith("Arrow") ? "[type=range], [role=slider], [role=radio], audio" : null;
  if (own && event.target.closest?.(own)) return;
  const act = KEYS[event.key] ?? KEYS[event.key.toLowerCase()];
  if (!act || !player.loaded) return;
  event.preventDefault();
  act();
});

function showKeys(event) {
  event.preventDefault();
  document.getElementById("keys").showModal();
}

function search(event) {
  const field = document.querySelector("[data-search]");
  const library = document.querySelector('.places a[href="/app/library"]');
  if (!field && !library) return;
  event.preventDefault();
  if (field) field.focus();
  else go("/app/library#search");
}

arrived();
