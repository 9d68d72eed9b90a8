// A track's page: one take that is heard and read along, or two side by side.
import { player, trackOf } from "./player.js";
import { sameMoment, Take } from "./take.js";
import { clock, put, wordsOf } from "./words.js";

const TYPING = "input:not([type=range]), textarea, select, [contenteditable]";
const DIGIT = /^(?:Digit|Numpad)([1-9])$/; // of `code`, which Shift leaves as it is

customElements.define(
  "track-view",
  class extends HTMLElement {
    #frame = 0;
    #ears = new AbortController();
    #a = null;
    #b = null; // the take that it is compared with
    #shown = null; // the one whose words stand in the page
    #asked = null; // the comparison that was asked for last

    connectedCallback() {
      this.words = wordsOf("track-words");
      this.button = this.querySelector(".play-button");
      this.slider = this.querySelector(".wave-seek");
      const options = { colour: "--accent", words: this.words, seek: this.#seek };
      this.#a = new Take(trackOf(this.button), this.querySelector(".stage"), this.querySelector(".track-body"), options);
      this.#shown = this.#a;
      const { signal } = this.#ears;
      this.addEventListener("click", (event) => this.#clicked(event), { signal });
      this.slider.addEventListener("input", () => this.#slid(), { signal });
      player.addEventListener("change", () => this.#follow(), { signal });
      player.addEventListener("time", () => this.#show(), { signal });
      document.addEventListener("click", (event) => this.#compared(event), { signal });
      document.addEventListener("keydown", (event) => this.#pressed(event), { signal });
      document.addEventListener("pansori:theme", () => this.#takes.forEach((take) => take.redraw()), { signal });
      this.#follow();
    }

    disconnectedCallback() {
      this.#ears.abort();
      cancelAnimationFrame(this.#frame);
      this.#takes.forEach((take) => take.close());
    }

    get #takes() {
      return [this.#a, this.#b].filter(Boolean);
    }

    /** The take that is in the player; undefined where that has another song. */
    get #heard() {
      return this.#takes.find((take) => take.isHeard);
    }

    #seek = (take, seconds, playing = false) => {
      if (!take.isHeard) return player.play(take.track, seconds);
      player.seek(seconds);
      if (playing && player.audio.paused) player.toggle();
    };

    /** The slider only says from where: who moves it with keys has not asked for sound yet. */
    #slid() {
      const seconds = Number(this.slider.value);
      if (this.#shown.isHeard) player.seek(seconds);
      else player.load(this.#shown.track, seconds);
    }

    #clicked(event) {
      const take = event.target.closest("[data-take]")?.dataset.take;
      if (take) this.#switch(take === "b" ? this.#b : this.#a);
    }

    #pressed(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.target.closest?.(TYPING) || document.querySelector("dialog[open]")) return;
      const digit = DIGIT.exec(event.code)?.[1];
      if (digit) this.#shown.mixer?.press(Number(digit) - 1, event.shiftKey ? "solo" : "mute");
      else if (this.#b && event.key.toLowerCase() === "a") this.#switch(this.#a);
      else if (this.#b && event.key.toLowerCase() === "b") this.#switch(this.#b);
    }

    // -- following the sound ------------

    #follow() {
      cancelAnimationFrame(this.#frame);
      this.#turnTo(this.#heard ?? this.#shown);
      for (const take of this.#takes.sort((one, other) => one.isHeard - other.isHeard)) take.mixer?.follow(); // who falls silent, first
      const step = () => {
        this.#show();
        if (this.#heard && !player.audio.paused) this.#frame = requestAnimationFrame(step);
      };
      step();
    }

    #show() {
      const heard = this.#heard;
      const seconds = heard ? player.audio.currentTime : 0;
      for (const take of this.#takes) take.show(heard ? (take === heard ? seconds : sameMoment(seconds, heard, take)) : 0);
      const section = (heard && this.#shown.sectionAt(seconds)?.name) || "";
      const told = clock(seconds);
      const state = [this.#shown.track.id, told, section].join();
      if (this.told === state) return;
      this.told = state;
      this.querySelector(".wave-now").textContent = told;
      this.querySelector(".wave-section").textContent = section;
      if (!this.slider.matches(":active")) this.slider.value = String(seconds);
      this.slider.setAttribute("aria-valuetext", [`${told} / ${clock(this.#shown.track.duration)}`, section].filter(Boolean).join(", "));
    }

    /** Show this take's words and stems; the large button plays it. */
    #turnTo(take) {
      for (const button of this.querySelectorAll("[data-take]")) button.setAttribute("aria-pressed", String((button.dataset.take === "b") === (take === this.#b)));
      if (take === this.#shown) return;
      this.#shown = take;
      for (const one of this.#takes) one.body.hidden = one !== take;
      const { id, title, duration, source, peaks, href } = take.track;
      Object.assign(this.button.dataset, { play: id, title, duration: String(duration), source, peaks, href });
      this.button.classList.toggle("b", take === this.#b);
      this.slider.max = String(duration);
      this.querySelector(".wave-times time").textContent = clock(duration);
      player.mark(this);
    }

    // -- two takes ------------

    async #compared(event) {
      const button = event.target.closest("[data-compare]");
      if (!button) return;
      const { compare: id, name, source, peaks, title, href, duration } = button.dataset;
      if (this.#b?.track.id !== id) {
        const parts = await this.#fetched(id);
        if (!parts) return;
        this.#put({ id, source, peaks, title, href, duration: Number(duration) }, parts);
        this.querySelector('[data-take="b"]').textContent = put(this.words.take_b, name);
      }
      for (const one of document.querySelectorAll("[data-compare]")) one.setAttribute("aria-pressed", String(one === button));
      this.#switch(this.#b);
      this.querySelector(".ab").scrollIntoView({ block: "center" });
    }

    /** The other take's stage and body; undefined where it cannot be had, or another one was asked for meanwhile. */
    async #fetched(id) {
      const mine = (this.#asked = {});
      const answer = await fetch(`/app/tracks/${id}/take?lang=${document.documentElement.lang}`).catch(() => null);
      const html = answer?.ok ? await answer.text().catch(() => null) : null;
      if (mine !== this.#asked || !this.isConnected) return undefined;
      this.querySelector(".ab-state").textContent = html === null ? this.words.cannot : "";
      if (html === null) return undefined;
      const found = new DOMParser().parseFromString(html, "text/html");
      return { stage: found.querySelector(".stage"), body: found.querySelector(".track-body") };
    }

    #put(track, { stage, body }) {
      const old = this.#b;
      if (this.#shown === old && old) this.#turnTo(this.#a);
      body.hidden = true;
      this.#a.stage.after(stage);
      this.#a.body.after(body);
      this.#b = new Take(track, stage, body, { colour: "--jade", words: this.words, seek: this.#seek });
      old?.close();
      old?.stage.remove();
      old?.body.remove();
      this.querySelector(".ab").hidden = false;
      this.classList.add("compares");
      this.#a.redraw(); // in half the room
    }

    #switch(take) {
      if (!take || take.isHeard) return;
      const heard = this.#heard;
      const at = heard ? sameMoment(player.audio.currentTime, heard, take) : 0;
      player.play(take.track, at);
    }
  },
);
