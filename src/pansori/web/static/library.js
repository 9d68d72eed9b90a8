// The library: choosing several, deleting what was chosen, stars, and songs that appear when they are done.
import { player, trackOf } from "./player.js";
import { star } from "./stars.js";
import { trash } from "./trash.js";
import { put, wordsOf } from "./words.js";

const AGAIN = 2000; // ms

class LibraryPage extends HTMLElement {
  #chosen = new Map(); // id → track: it outlives what a search swaps
  #last = null;
  #told = null; // what the stream said last of what is here
  #later = 0;
  #ears = new AbortController();

  connectedCallback() {
    this.addEventListener("change", (event) => this.#ticked(event.target));
    this.addEventListener("click", (event) => this.#clicked(event));
    this.addEventListener("submit", (event) => this.#submitted(event), { capture: true });
    this.addEventListener("keydown", (event) => this.#pressed(event));
    const { signal } = this.#ears;
    document.addEventListener("htmx:after:swap", () => this.#swapped(), { signal });
    document.addEventListener("htmx:before:response", (event) => this.#answered(event), { signal });
    trash.addEventListener("change", () => this.#show(), { signal });
    this.#swapped(); // the stream may have been quicker than this script
  }

  disconnectedCallback() {
    this.#ears.abort();
    clearTimeout(this.#later);
  }

  // -- choosing ------------

  get #boxes() {
    return [...this.querySelectorAll("#rows tr:not([hidden]) .pick input")];
  }

  #ticked(box) {
    if (box.id === "all") this.#boxes.forEach((one) => this.#choose(one, box.checked));
    else if (box.closest("#rows .pick")) this.#choose(box, box.checked);
    else return;
    this.#show();
  }

  #choose(box, on) {
    if (on) this.#chosen.set(box.value, trackOf(box.closest("tr").querySelector("[data-play]")));
    else this.#chosen.delete(box.value);
  }

  #show() {
    for (const box of this.querySelectorAll("#rows .pick input")) box.closest("tr").hidden = trash.has(box.value);
    for (const box of this.#boxes) {
      box.checked = this.#chosen.has(box.value);
      box.closest("tr").classList.toggle("chosen", box.checked);
    }
    this.#count();
    const count = this.#chosen.size;
    const bar = this.querySelector("#bulk");
    if (!bar) return;
    bar.toggleAttribute("data-any", count > 0);
    this.querySelector("#chosen").textContent = count ? put(wordsOf("library-words").chosen, count) : "";
    const all = this.querySelector("#all");
    const shown = this.#boxes.filter((box) => box.checked).length;
    all.checked = shown > 0 && shown === this.#boxes.length;
    all.indeterminate = shown > 0 && !all.checked;
  }

  /** How many there are without those that are out of sight. */
  #count() {
    const place = this.querySelector("#count");
    if (!place) return;
    const { total, one, many } = place.dataset;
    const left = Number(total) - this.querySelectorAll("#rows tr[hidden]").length;
    const told = put(left === 1 ? one : many, left);
    if (place.textContent !== told) place.textContent = told; // or it would be read out again
  }

  #clicked(event) {
    if (event.target.closest("[data-unchoose]")) {
      this.#chosen.clear();
      this.#show();
      this.querySelector("#all").focus();
    }
    if (event.target.closest("[data-later]")) {
      for (const track of this.#chosen.values()) player.enqueue(track);
      this.#chosen.clear();
      this.#show();
    }
    const box = event.target.closest("#rows .pick input");
    if (!box) return;
    const boxes = this.#boxes;
    if (event.shiftKey && boxes.includes(this.#last)) {
      const [from, to] = [boxes.indexOf(this.#last), boxes.indexOf(box)].sort((a, b) => a - b);
      boxes.slice(from, to + 1).forEach((one) => this.#choose(one, box.checked));
      this.#show();
    }
    this.#last = box;
  }

  #pressed(event) {
    if (event.key !== "Escape" || !this.#chosen.size || document.querySelector("dialog[open]")) return;
    this.#chosen.clear();
    this.#show();
  }

  // -- deeds ------------

  #submitted(event) {
    const form = event.target;
    if (form.dataset.star) {
      event.preventDefault();
      star(form, () => this.#renew());
    } else if (event.submitter?.hasAttribute("data-deletes")) this.#discard(event);
    else if (form.id === "bulk") this.#name(form);
  }

  #discard(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
    const ids = [...this.#chosen.keys()];
    this.#chosen.clear();
    if (ids.length) trash.put(ids, { byKeyboard: event.submitter.matches(":focus-visible") });
  }

  /** Let the form name what was chosen, also what is not shown now. */
  #name(form) {
    form.querySelectorAll("input[data-named]").forEach((one) => one.remove());
    const shown = new Set(this.#boxes.map((box) => box.value));
    for (const id of this.#chosen.keys()) if (!shown.has(id)) form.append(hidden(id));
  }

  // -- what comes and goes ------------

  #swapped() {
    if (!this.isConnected) return;
    const newest = this.querySelector("#making .jobs")?.dataset.newest;
    const results = this.querySelector("#results");
    if (newest && newest !== this.#told) {
      this.#told = newest;
      if (newest !== results.dataset.newest) this.#renew();
    }
    player.mark(this);
    this.#show();
  }

  /** Errors come as pages, which have no rows: those that are here stay. */
  #answered(event) {
    const { target, response } = event.detail.ctx;
    if (!["results", "rows"].includes(target?.id) || response.status < 400) return;
    event.preventDefault();
    document.dispatchEvent(new CustomEvent("pansori:refused", { detail: response.status }));
  }

  /** Ask for the rows anew until there is an answer: whatever comes and goes is told of once. */
  async #renew() {
    clearTimeout(this.#later);
    const form = this.querySelector("form.search"); // it says what to look for, also what is being typed just now
    const path = location.pathname + (form ? "" : location.search);
    const place = form ? "#results" : "#view"; // the first song brings the search with it
    const before = this.querySelector("#results");
    await htmx.ajax("GET", path, { source: form ?? this, target: place, select: place, swap: "outerHTML", replace: "false" });
    if (this.isConnected && this.querySelector("#results") === before) this.#later = setTimeout(() => this.#renew(), AGAIN);
  }
}

function hidden(id) {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: "id", value: id });
  field.dataset.named = "";
  return field;
}

customElements.define("library-page", LibraryPage);
