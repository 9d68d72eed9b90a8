// Make: while somebody types, show what was understood and how the song would go.
import { without } from "./phrases.js";
import { ask, put, Refused, wordsOf } from "./words.js";

const PAUSE = 350; // ms after the last key
const DRAFT = "pansori-make"; // in this tab's storage: what was typed, until a song is begun with it
const TOLD_FROM = 0.8; // of the characters that a field takes
const $ = (id) => document.getElementById(id);

customElements.define(
  "make-form",
  class extends HTMLElement {
    #timer = 0;
    #asking = null;
    #left = []; // what was taken out: { kind, text }
    #own = false; // the expanded prompt is the reader's own
    #ears = new AbortController();
    #sending = false;

    connectedCallback() {
      this.words = wordsOf("make-words");
      this.form = this.querySelector("form");
      this.#takeUp();
      this.#mine(this.form.expanded_prompt.value.trim() !== "" && this.form.written.value !== "1");
      this.form.addEventListener("input", (event) => this.#typed(event.target));
      this.form.addEventListener("keydown", (event) => this.#pressed(event));
      this.addEventListener("submit", (event) => this.#submitted(event), { capture: true });
      this.addEventListener("click", (event) => this.#clicked(event));
      for (const name of ["htmx:before:response", "htmx:finally:request"]) {
        document.addEventListener(name, (event) => this.#answered(event), { signal: this.#ears.signal });
      }
      this.#peek();
      this.#count();
      if ("kept" in this.form.dataset) this.#lead();
      if (this.form.prompt.value.trim()) this.#look();
      else if (matchMedia("(pointer: fine)").matches) this.form.prompt.focus({ preventScroll: true });
    }

    disconnectedCallback() {
      clearTimeout(this.#timer);
      this.#asking?.abort();
      this.#ears.abort();
    }

    /** What was typed stays in this tab: past a reload, another language, a look at another page, an error. */
    #keep() {
      const draft = Object.fromEntries(new FormData(this.form));
      if (!this.#own) delete draft.expanded_prompt; // it is written anew
      sessionStorage.setItem(DRAFT, JSON.stringify(draft));
    }

    #takeUp() {
      const asked = new URLSearchParams(location.search);
      asked.delete("lang");
      // what the address brings, or the server sends back with what is wrong in it, is newer
      if ("kept" in this.form.dataset || asked.size) return;
      const draft = JSON.parse(sessionStorage.getItem(DRAFT));
      if (!draft) return;
      for (const field of this.form.elements) {
        if (field.type === "checkbox") field.checked = field.name in draft;
        else if (field.name && field.name in draft) field.value = draft[field.name];
      }
      if (draft.lyrics || draft.instrumental) $("lyrics-fold").open = true;
      for (const field of this.form.querySelectorAll("select")) {
        if (field.selectedIndex < 0) field.selectedIndex = 0; // that is not offered any more
      }
    }

    #pressed(event) {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
      event.preventDefault();
      this.form.requestSubmit($("submit"));
    }

    /** Twice pressed is once sent. */
    #submitted(event) {
      if (this.#sending) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      this.#keep();
      clearTimeout(this.#timer);
      this.#sending = "htmx" in window;
      $("submit").ariaBusy = String(this.#sending);
    }

    #answered({ type, detail: { ctx } }) {
      if (ctx.sourceElement !== this.form) return;
      if (type === "htmx:before:response") {
        if (ctx.response.status < 400) sessionStorage.removeItem(DRAFT);
        return;
      }
      this.#sending = false;
      $("submit")?.removeAttribute("aria-busy");
    }

    /** How much of a field's room is taken, once that matters. */
    #count() {
      for (const place of this.querySelectorAll("[data-counts]")) {
        const field = this.form[place.dataset.counts];
        place.hidden = field.value.length < TOLD_FROM * field.maxLength;
        const [used, most] = [field.value.length, field.maxLength].map((number) => number.toLocaleString(document.documentElement.lang));
        place.textContent = place.hidden ? "" : this.words.count.replace("%n", used).replace("%m", most);
      }
    }

    #typed(field) {
      if (field.name === "expanded_prompt") this.#mine(field.value.trim() !== "");
      if (field.name === "prompt") this.#left = [];
      this.#keep();
      this.#peek();
      this.#count();
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#look(), PAUSE);
    }

    /** To what is wrong: now where the page was loaded, and once the swap is over where it was swapped in. */
    #lead() {
      const first = () => this.querySelector("[aria-invalid=true]")?.focus();
      first();
      document.addEventListener("htmx:finally:request", first, { once: true, signal: this.#ears.signal });
    }

    /** Whether the expanded prompt is the reader's own, and so is not written anew. */
    #mine(own) {
      this.#own = own;
      this.form.written.value = own ? "" : "1";
      $("expanded-again").hidden = !own;
    }

    #clicked(event) {
      const example = event.target.closest("[data-example]");
      if (example && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
        event.preventDefault();
        event.stopPropagation();
        this.#fill(JSON.parse(example.dataset.example));
      }
      const chip = event.target.closest("[data-kind]");
      if (chip) this.#leaveOut(chip.dataset);
      if (event.target.closest("#expanded-again")) {
        this.#mine(false);
        this.#left = [];
        this.#look();
      }
      if (event.target.closest("#use-written")) {
        this.form.lyrics.value = $("written").textContent;
        $("lyrics-fold").open = true;
        this.form.lyrics.focus();
        this.#keep();
        this.#look();
      }
    }

    #fill({ prompt, lyrics }) {
      this.form.prompt.value = prompt;
      this.form.lyrics.value = lyrics;
      this.form.expanded_prompt.value = "";
      $("lyrics-fold").open = lyrics !== "";
      this.#mine(false);
      this.#left = [];
      this.form.prompt.focus();
      this.#keep();
      this.#look();
    }

    async #look() {
      const { prompt, lyrics, duration, voice, seed, engine, instrumental } = this.form;
      if (!prompt.value.trim()) return this.#forget();
      this.#asking?.abort();
      this.#asking = new AbortController();
      const body = { prompt: prompt.value, voice: voice.value, engine: engine.value };
      if (this.#own) body.expanded_prompt = this.form.expanded_prompt.value;
      if (lyrics.value.trim()) body.lyrics = lyrics.value;
      else if (instrumental.checked) body.lyrics = "";
      if (duration.value && duration.validity.valid) body.duration = Number(duration.value);
      if (seed.value && seed.validity.valid) body.seed = Number(seed.value);
      $("understood").ariaBusy = "true";
      try {
        this.#show(await ask("/v1/prompts/expand", { method: "POST", body, signal: this.#asking.signal }));
      } catch (error) {
        if (error.name === "AbortError") return;
        if (!(error instanceof Refused)) throw error;
        if (error.status) this.#note([error.message], true);
      }
      $("understood").ariaBusy = "false";
    }

    #forget() {
      $("chips").replaceChildren();
      $("plan").hidden = true;
      $("written-fold").hidden = true;
      $("understood-none").hidden = false;
      this.#note([]);
      if (!this.#own) this.form.expanded_prompt.value = "";
      this.#peek();
    }

    #show(found) {
      $("understood-none").hidden = true;
      if (!this.#own) this.form.expanded_prompt.value = found.expanded_prompt;
      this.#chips(found);
      this.#plan(found.plan);
      this.#note([...(found.refused ? [found.refused.detail] : []), ...found.notices], found.refused);
      const written = found.lyrics && !this.form.lyrics.value.trim();
      $("written-fold").hidden = !written;
      if (written) $("written").textContent = found.lyrics;
      this.#peek();
    }

    /** Take it out of the expanded prompt, which from now on is the reader's own. */
    #leaveOut({ kind, text }) {
      this.#left.push({ kind, text });
      const field = this.form.expanded_prompt;
      field.value = without(field.value, kind, text);
      this.#mine(true);
      this.#keep();
      this.#peek();
      const place = [...this.querySelectorAll("[data-kind]")].findIndex((one) => one.dataset.kind === kind && one.dataset.text === text);
      this.querySelectorAll("[data-kind]")[place]?.closest("li").remove();
      (this.querySelectorAll("[data-kind]")[place] ?? this.form.prompt).focus();
    }

    #chips({ understood }) {
      const { words } = this;
      if (!understood) return $("chips").replaceChildren();
      const told = [
        ["style", understood.style, understood.style],
        ["mood", understood.mood, understood.mood],
        ["tempo", "", put(words.tempo, Math.round(understood.tempo))],
        ["key", understood.key, words.keys[understood.key] ?? understood.key],
        ...understood.instruments.map((one) => ["instruments", one, one]),
        ["voice", understood.voice ?? "", words[understood.voice ?? "nobody"]],
        ["language", "", words[understood.language]],
      ];
      const prompt = this.form.expanded_prompt.value;
      const shown = told.filter(([kind, text, told]) => told && !this.#left.some((gone) => gone.kind === kind && gone.text === text));
      $("chips").replaceChildren(
        ...shown.map(([kind, text, told]) => chip(words[kind === "tempo" ? "tempo_name" : kind], told, without(prompt, kind, text) !== prompt && { kind, text }, words.remove)),
      );
    }

    #plan(plan) {
      $("plan").hidden = !plan?.sections.length;
      if (!plan?.sections.length) return;
      $("plan-total").textContent = put(this.words.all_seconds, plan.sections.at(-1).end.toFixed(1));
      $("plan-bars").replaceChildren(
        ...plan.sections.map((section) => {
          const item = document.createElement("li");
          const seconds = section.end - section.start;
          item.style.setProperty("--share", seconds.toFixed(2));
          item.className = section.syllables ? "sung" : "";
          const name = section.label.toLowerCase().replace(/[\s\d]+$/, "");
          item.append(
            tagged("b", this.words.sections[name] ?? section.label),
            tagged("span", put(this.words.seconds, seconds.toFixed(1))),
            ...(section.syllables ? [tagged("span", put(this.words[section.syllables === 1 ? "syllable" : "syllables"], section.syllables))] : []),
          );
          item.title = section.lines.join("\n");
          return item;
        }),
      );
    }

    #note(notes, refused) {
      const told = notes.join("\n");
      if ($("notices").dataset.told === told) return; // what is said already is not said again
      $("notices").dataset.told = told;
      $("notices").replaceChildren(
        ...notes.map((text) => {
          const box = tagged("div", "");
          box.className = `notice ${refused ? "warning" : "info"}`;
          box.append(tagged("p", text));
          return box;
        }),
      );
    }

    /** What is folded away, written out. */
    #peek() {
      const { form } = this;
      $("expanded-peek").textContent = form.expanded_prompt.value;
      const told = [
        put(this.words.seconds, form.duration.value || form.duration.placeholder),
        form.quality.selectedOptions[0]?.textContent ?? "",
        form.format.selectedOptions[0]?.textContent ?? "",
        ...(form.voice.value === "auto" ? [] : [form.voice.selectedOptions[0].textContent]),
        ...(form.seed.value ? [`#${form.seed.value}`] : []),
        form.engine.selectedOptions[0]?.textContent ?? "",
      ];
      $("options-peek").textContent = told.join(" · ");
    }
  },
);

function tagged(name, text) {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}

/** `gone`: what its button takes out; none where it cannot be. */
function chip(name, told, gone, remove) {
  const item = document.createElement("li");
  item.className = gone ? "chip" : "chip fixed";
  item.append(tagged("b", name), ` ${told}`);
  if (gone) {
    const button = document.createElement("button");
    button.type = "button";
    Object.assign(button.dataset, gone);
    button.setAttribute("aria-label", put(remove, told));
    button.innerHTML = '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="m6 6 12 12M18 6 6 18"/></svg>';
    item.append(button);
  }
  return item;
}
