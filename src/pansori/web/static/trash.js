// What was deleted in a list: it is out of sight at once, and goes for good a while later, unless that is undone.
// The toast stands outside of what navigation swaps. Who leaves the pages lets go at once what was deleted.
import { player } from "./player.js";
import { ask, put, readWords, Refused } from "./words.js";

const PATIENCE = 10_000; // ms

const toast = document.getElementById("toast");

class Trash extends EventTarget {
  #ids = [];
  #gone = new Set(); // they may stand in a list that has not heard of it
  #path = "";
  #method = "POST";
  #timer = 0;

  constructor() {
    super();
    toast.addEventListener("click", (event) => {
      if (event.target.closest("[data-undo]")) this.undo();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || event.target.closest?.("input, textarea")) return;
      this.undo();
    });
    // nobody who is about to press the button is outrun
    for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, () => clearTimeout(this.#timer));
    for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, () => this.#wait());
    addEventListener("pagehide", () => this.empty({ keepalive: true }));
  }

  has(id) {
    return this.#ids.includes(id) || this.#gone.has(id);
  }

  /** What was put in before goes now. `byKeyboard`: the focus goes to where it can be undone. `path`: where the ids are
   * posted, or with `method` DELETE what goes; `told`: what the toast says of what is no song. */
  put(ids, { byKeyboard = false, path = "/v1/library/delete", method = "POST", told = "" } = {}) {
    this.empty();
    player.forget(ids);
    this.#ids = ids;
    this.#path = path;
    this.#method = method;
    const words = readWords();
    toast.querySelector("span").textContent = told || (ids.length === 1 ? words.deleted_one : put(words.deleted, ids.length));
    toast.hidden = false;
    this.#wait();
    if (byKeyboard) toast.querySelector("button").focus();
    this.#changed();
  }

  undo() {
    this.#take();
    this.#changed();
  }

  async empty({ keepalive = false } = {}) {
    const ids = this.#take();
    if (!ids.length) return;
    for (const id of ids) this.#gone.add(id);
    try {
      await ask(this.#path, { method: this.#method, body: this.#method === "POST" ? { ids } : undefined, keepalive });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      for (const id of ids) this.#gone.delete(id); // they are still there
      this.#changed();
    }
  }

  #take() {
    const taken = this.#ids.splice(0);
    clearTimeout(this.#timer);
    if (toast.contains(document.activeElement)) document.getElementById("main").focus();
    toast.hidden = true;
    return taken;
  }

  #wait() {
    clearTimeout(this.#timer);
    if (this.#ids.length) this.#timer = setTimeout(() => this.empty(), PATIENCE);
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

export const trash = new Trash();
