// The library: choosing several, deleting what was chosen, stars, and songs that appear when they are done.
import { player } from "./player.js";
import { star } from "./stars.js";
import { put, wordsOf } from "./words.js";

const NAMED = 6; // titles that the question names

class LibraryPage extends HTMLElement {
  #chosen = new Map(); // id → title: it outlives what a search swaps
  #last = null;

  connectedCallback() {
    this.addEventListener("change", (event) => this.#ticked(event.target));
    this.addEventListener("click", (event) => this.#clicked(event));
    this.addEventListener("submit", (event) => this.#submitted(event), { capture: true });
    this.addEventListener("keydown", (event) => this.#pressed(event));
    this.addEventListener("htmx:after:swap", () => this.#swapped());
    this.#swapped(); // the stream may have been quicker than this script
  }

  // -- choosing ------------

  get #boxes() {
    return [...this.querySelectorAll("#rows .pick input")];
  }

  #ticked(box) {
    if (box.id === "all") this.#boxes.forEach((one) => this.#choose(one, box.checked));
    else if (box.closest("#rows .pick")) this.#choose(box, box.checked);
    else return;
    this.#show();
  }

  #choose(box, on) {
    if (on) this.#chosen.set(box.value, box.dataset.title);
    else this.#chosen.delete(box.value);
  }

  #show() {
    for (const box of this.#boxes) {
      box.checked = this.#chosen.has(box.value);
      box.closest("tr").classList.toggle("chosen", box.checked);
    }
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

  #clicked(event) {
    if (event.target.closest("[data-unchoose]")) {
      this.#chosen.clear();
      this.#show();
      this.querySelector("#all").focus();
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
      star(form, () => this.#renew("#results"));
    } else if (event.submitter?.hasAttribute("data-deletes")) this.#question(event);
    else if (form.id === "bulk") this.#name(form);
  }

  #question(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
    const words = wordsOf("library-words");
    const titles = [...this.#chosen.values()];
    const dialog = this.querySelector("#delete-dialog");
    dialog.querySelector("h2").textContent = titles.length === 1 ? words.one : put(words.several, titles.length);
    dialog.querySelector("#goes").replaceChildren(...titles.slice(0, NAMED).map(item));
    const more = dialog.querySelector("#goes-more");
    more.hidden = titles.length <= NAMED;
    more.textContent = put(words.more, titles.length - NAMED);
    this.#name(dialog.querySelector("form"));
    dialog.showModal();
  }

  /** Let the form name what was chosen, also what is not shown now. */
  #name(form) {
    form.querySelectorAll("input[data-named]").forEach((one) => one.remove());
    const shown = form.id === "bulk" ? new Set(this.#boxes.map((box) => box.value)) : new Set();
    for (const id of this.#chosen.keys()) if (!shown.has(id)) form.append(hidden(id));
  }

  // -- what comes and goes ------------

  #swapped() {
    const results = this.querySelector("#results");
    const newest = this.querySelector("#making .jobs")?.dataset.newest;
    if (newest && results && newest !== results.dataset.newest) {
      results.dataset.newest = newest;
      this.#renew(this.querySelector("#rows") ? "#results" : "#view"); // the first song brings the search with it
    }
    player.mark(this);
    this.#show();
  }

  #renew(place) {
    htmx.ajax("GET", location.pathname + location.search, { source: this, target: place, select: place, swap: "outerHTML" });
  }
}

function item(title) {
  const line = document.createElement("li");
  line.textContent = title;
  return line;
}

function hidden(id) {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: "id", value: id });
  field.dataset.named = "";
  return field;
}

customElements.define("library-page", LibraryPage);
