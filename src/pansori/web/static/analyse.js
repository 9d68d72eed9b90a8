// Analyse: recordings are dropped, chosen or recorded, sent one after the other, and listed below while they are measured.
import { go } from "./app.js";
import { resolved } from "./player.js";
import { canRecord, drawLevels, Take } from "./record.js";
import { NotSent, send, sendLarge } from "./send.js";
import { trash } from "./trash.js";
import { ask, clock, put, Refused, wordsOf } from "./words.js";

const SIZES = ["B", "kB", "MB", "GB"];

customElements.define(
  "analyse-page",
  class extends HTMLElement {
    #waiting = [];
    #sending = false;
    #sent = []; // ids of this visit
    #take = null;
    #levels = [];
    #ears = new AbortController();

    connectedCallback() {
      this.words = wordsOf("analyse-words");
      this.form = this.querySelector(".drop");
      this.input = this.querySelector("#file");
      this.input.multiple = true;
      this.input.required = false;
      const { signal } = this.#ears;
      this.input.addEventListener("change", () => this.#chosen());
      this.addEventListener("click", (event) => this.#clicked(event), { capture: true });
      this.addEventListener("change", (event) => event.target.name === "of" && this.#counted());
      for (const name of ["dragenter", "dragover"]) document.addEventListener(name, (event) => this.#over(event), { signal });
      document.addEventListener("dragleave", (event) => !event.relatedTarget && this.#out(), { signal });
      document.addEventListener("drop", (event) => this.#dropped(event), { signal });
      document.addEventListener("paste", (event) => this.#takeIn(event.clipboardData?.files), { signal });
      document.addEventListener("htmx:after:swap", () => this.#show(), { signal });
      trash.addEventListener("change", () => this.#show(), { signal });
      this.#show();
    }

    disconnectedCallback() {
      this.#ears.abort();
      this.#take?.discard();
    }

    // -- files ------------

    #over(event) {
      if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      this.classList.add("over");
    }

    #out() {
      this.classList.remove("over");
    }

    #dropped(event) {
      if (!event.dataTransfer?.files.length) return;
      event.preventDefault();
      this.#out();
      this.#takeIn(event.dataTransfer.files);
    }

    #chosen() {
      this.#takeIn(this.input.files);
      this.input.value = "";
    }

    #takeIn(files) {
      for (const file of files ?? []) this.#waiting.push(this.#row(file));
      this.#next();
    }

    /** What is shown of a file on its way. */
    #row(file) {
      const item = document.createElement("li");
      item.className = "job running";
      const title = Object.assign(document.createElement("h3"), { textContent: put(this.words.uploading, file.name) });
      const cancel = Object.assign(document.createElement("button"), { type: "button", className: "button quiet small", textContent: this.words.cancel });
      const head = document.createElement("header");
      head.append(title, cancel);
      const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0, ariaLabel: title.textContent });
      const state = Object.assign(document.createElement("p"), { className: "job-stage number", textContent: this.#part(0, file.size) });
      item.append(head, bar, state);
      this.querySelector("#uploads ul").append(item);
      this.querySelector("#uploads").hidden = false;
      const row = { file, item, bar, state, cancel, stopping: new AbortController() };
      cancel.addEventListener("click", () => this.#cancelled(row));
      return row;
    }

    #cancelled(row) {
      row.stopping.abort();
      this.#waiting = this.#waiting.filter((one) => one !== row);
      this.#remove(row);
    }

    async #next() {
      if (this.#sending) return;
      const row = this.#waiting.shift();
      if (!row) return this.#arrived();
      this.#sending = true;
      try {
        const how = isNobody() ? send : sendAnySize; // whoever is nobody is known from the first answer on
        const { id } = await how(this.form.getAttribute("action"), row.file, {
          signal: row.stopping.signal,
          watch: (share, bytes) => {
            row.bar.value = share;
            row.state.textContent = this.#part(Math.min(bytes, row.file.size), row.file.size);
          },
        });
        this.#sent.push(id);
        this.#remove(row);
      } catch (error) {
        if (error.name !== "AbortError") this.#failed(row, error);
      }
      this.#sending = false;
      this.#next();
    }

    #failed(row, error) {
      if (!(error instanceof NotSent)) throw error;
      row.item.className = "job failed";
      row.bar.remove();
      row.state.textContent = put(this.words.failed, error.message || this.words.lost);
      const again = row.cancel.cloneNode();
      again.textContent = this.words.again;
      again.addEventListener("click", () => {
        this.#remove(row);
        this.#takeIn([row.file]);
      });
      row.cancel.before(again);
      document.dispatchEvent(new CustomEvent("pansori:refused", { detail: error.status }));
    }

    #remove(row) {
      row.item.remove();
      this.querySelector("#uploads").hidden = !this.querySelector("#uploads li");
    }

    /** One recording alone is what one wants to see; of several the list tells. */
    #arrived() {
      const sent = this.#sent.splice(0);
      if (!sent.length || !this.isConnected) return;
      if (sent.length === 1 && !this.querySelector("#uploads li")) go(`/app/analyses/${sent[0]}`);
      else if (new URLSearchParams(location.search).has("cursor") || isNobody()) go("/app/analyse", { replace: "true" });
    }

    #part(done, size) {
      return this.words.part.replace("%1", told(done)).replace("%2", told(size));
    }

    // -- recording ------------

    async #record(button) {
      const state = this.querySelector(".record-state");
      if (this.#take) return this.#finish();
      if (!canRecord()) return (state.textContent = this.words.no_recorder);
      const take = new Take();
      try {
        await take.start();
      } catch {
        state.textContent = this.words.no_microphone;
        return;
      }
      this.#take = take;
      this.#levels = [];
      const colour = resolved("--accent");
      const meter = this.querySelector(".record-level");
      this.#recording(button, true);
      take.addEventListener("time", () => {
        this.#levels.push(take.level);
        drawLevels(meter, this.#levels, colour);
        const words = put(this.words.recording, clock(take.seconds));
        if (state.textContent !== words) state.textContent = words;
      });
    }

    async #finish() {
      const take = this.#take;
      this.#take = null;
      this.#recording(this.querySelector("[data-record]"), false);
      const time = new Date().toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
      this.#takeIn([await take.stop(put(this.words.recorded, time.replaceAll(/[/:]/g, "-")))]);
    }

    #recording(button, on) {
      button.querySelector("span").textContent = on ? this.words.stop : this.words.record;
      button.classList.toggle("on", on);
      this.querySelector(".record-level").hidden = !on;
      this.querySelector("[data-discard]").hidden = !on;
      if (!on) this.querySelector(".record-state").textContent = "";
    }

    // -- the list ------------

    #clicked(event) {
      const record = event.target.closest("[data-record]");
      if (record) return this.#record(record);
      if (event.target.closest("[data-discard]")) {
        this.#take?.discard();
        this.#take = null;
        return this.#recording(this.querySelector("[data-record]"), false);
      }
      const button = event.target.closest("[data-deletes-analysis]");
      if (!button) return undefined;
      event.preventDefault();
      event.stopPropagation();
      const { name, analysis } = button.closest("li").dataset;
      trash.put([analysis], {
        byKeyboard: button.matches(":focus-visible"),
        path: "/v1/analyses/delete",
        told: this.words.deleted.replace("{name}", name),
      });
      return undefined;
    }

    #show() {
      if (!this.isConnected) return;
      for (const item of this.querySelectorAll("[data-analysis]")) item.hidden = trash.has(item.dataset.analysis);
      this.#counted();
    }

    #counted() {
      const chosen = this.querySelectorAll("[name=of]:checked").length;
      this.querySelector(".compare-row")?.classList.toggle("two", chosen === 2);
    }
  },
);

const isNobody = () => "nobodys" in document.getElementById("view").dataset;
const sendAnySize = (path, file, how) => sendLarge(path, file, begin, how);

/** The analysis of a stored file. */
async function begin(asset) {
  try {
    return await ask("/v1/jobs", { method: "POST", body: { kind: "analysis", task: { asset_id: asset } } });
  } catch (error) {
    if (error instanceof Refused) throw new NotSent(error.status, error.told.detail ?? "");
    throw error;
  }
}

function told(bytes) {
  let [value, unit] = [bytes, 0];
  for (; value >= 999.5 && unit + 1 < SIZES.length; unit++) value /= 1000;
  return `${unit && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${SIZES[unit]}`;
}
