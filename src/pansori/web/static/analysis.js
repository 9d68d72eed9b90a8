// An analysis: heard with its beats, chords and sections; its plots read; its tempo tapped.
import { Beats } from "./beats.js";
import { Chords } from "./chords.js";
import { PlotReader } from "./plots.js";
import { colours, fetchPeaks, player, trackOf, waveform } from "./player.js";
import { ask, Refused, wordsOf } from "./words.js";
import { fine } from "./seconds.js";

const TYPING = "input:not([type=range], [type=checkbox], [type=button]), textarea, select, [contenteditable]";
const NOTHING = { duration: 0, beats: [], downbeats: [], chords: [], sections: [], curves: {} };
const FEWEST_TAPS = 4; // for a tempo that is worth telling
const PAUSE = 3; // s after which taps begin anew

customElements.define(
  "analysis-view",
  class extends HTMLElement {
    #frame = 0;
    #ears = new AbortController();
    #data = NOTHING;
    #taps = [];
    #looped = null;
    #told = "";

    async connectedCallback() {
      this.words = wordsOf("analysis-words");
      this.duration = Number(this.dataset.duration);
      this.button = this.querySelector(".play-button.huge");
      this.track = this.button && trackOf(this.button);
      this.slider = this.querySelector(".wave-seek");
      const { signal } = this.#ears;
      this.plots = [...this.querySelectorAll(".plot-figure")].map((figure) => new PlotReader(figure, this.duration, this.words, this.#play, this.#closer));
      if (this.track) this.#hear(signal);
      try {
        this.#data = await ask(`/v1/analyses/${this.dataset.id}/curves`, { signal });
      } catch (error) {
        if (!(error instanceof Refused) && error.name !== "AbortError") throw error;
        return;
      }
      if (!this.isConnected) return;
      for (const plot of this.plots) plot.take(this.#data);
      this.beats?.take(this.#data);
      this.chords?.take(this.#data);
      this.toggleAttribute("data-ready", true);
      this.#follow();
    }

    disconnectedCallback() {
      this.#ears.abort();
      cancelAnimationFrame(this.#frame);
      this.beats?.close();
      this.wave?.destroy();
      for (const plot of this.plots) plot.close();
    }

    #hear(signal) {
      const beats = this.querySelector(".beats:not([hidden])");
      this.beats = beats && new Beats(beats, this.querySelector(".beat-seek"), this.duration, this.words, (seconds) => this.#seek(seconds));
      const lane = this.querySelector(".chord-lane");
      this.chords = lane && new Chords(lane, (seconds) => this.#play(seconds));
      this.bands = [...this.querySelectorAll(".bands li")].map((element) => ({ element, name: element.dataset.name, start: Number(element.dataset.start), end: Number(element.dataset.end) }));
      this.#place();
      this.#draw();
      this.addEventListener("click", (event) => this.#clicked(event), { signal });
      this.slider.addEventListener("input", () => this.#seek(Number(this.slider.value)), { signal });
      player.addEventListener("change", () => this.#follow(), { signal });
      player.addEventListener("time", () => this.#show(), { signal });
      document.addEventListener("keydown", (event) => this.#pressed(event), { signal });
      document.addEventListener("pansori:theme", () => this.#redraw(), { signal });
    }

    get #isHeard() {
      return this.track !== null && player.track?.id === this.track?.id;
    }

    /** Go there; who has not asked for sound yet does not get it. */
    #seek = (seconds) => {
      if (this.#isHeard) player.seek(seconds);
      else player.load(this.track, seconds);
    };

    #play = (seconds) => {
      if (!this.track) return;
      if (!this.#isHeard) player.play(this.track, seconds);
      else {
        player.seek(seconds);
        if (player.audio.paused) player.toggle();
      }
    };

    /** What there is between two moments, with more points; null where it cannot be had now. */
    #closer = async (from, to) => {
      try {
        return await ask(`/v1/analyses/${this.dataset.id}/curves?start=${from.toFixed(3)}&end=${to.toFixed(3)}`, { signal: this.#ears.signal });
      } catch (error) {
        if (!(error instanceof Refused) && error.name !== "AbortError") throw error;
        return null;
      }
    };

    // -- what is drawn ------------

    #place() {
      for (const { element, start, end } of this.bands) {
        element.style.insetInlineStart = `${(100 * start) / this.duration}%`;
        element.style.inlineSize = `${(100 * (Math.min(end, this.duration) - start)) / this.duration}%`;
      }
      this.querySelector(".bands")?.classList.add("placed");
    }

    async #draw() {
      const peaks = await fetchPeaks(this.track.peaks);
      if (!this.isConnected) return;
      this.wave = waveform(this.querySelector(".wave-hero"), { height: "auto", peaks: peaks.channels, duration: this.duration, barWidth: 3, barGap: 2, ...colours() });
      this.wave.on("click", (share) => this.#seek(share * this.duration));
      this.#show();
    }

    #redraw() {
      this.wave?.setOptions(colours());
      this.beats?.draw();
    }

    // -- following the sound ------------

    #follow() {
      cancelAnimationFrame(this.#frame);
      const step = () => {
        this.#show();
        if (this.#isHeard && !player.audio.paused) this.#frame = requestAnimationFrame(step);
      };
      this.beats?.follow(this.#isHeard);
      step();
    }

    #show() {
      if (!this.track) return;
      const heard = this.#isHeard;
      const seconds = heard ? player.audio.currentTime : 0;
      if (heard && this.#looped && (player.audio.ended || (!player.audio.paused && seconds >= this.#looped.end))) return this.#again();
      this.wave?.getRenderer().renderProgress(Math.min(1, seconds / this.duration), false);
      this.chords?.show(seconds, heard);
      this.beats?.show(seconds);
      for (const plot of this.plots) plot.show(heard ? seconds : null);
      for (const band of this.bands) band.element.classList.toggle("now", heard && seconds >= band.start && seconds < band.end);
      this.#tell(seconds, heard);
      return undefined;
    }

    /** The last part of a recording may be over before anybody looks. */
    #again() {
      player.seek(this.#looped.start);
      if (player.audio.paused) player.toggle();
    }

    #tell(seconds, heard) {
      const told = fine(seconds);
      if (told === this.#told) return;
      this.#told = told;
      const section = heard ? (this.#bandAt(seconds)?.name ?? "") : "";
      this.querySelector(".wave-now").textContent = told;
      this.querySelector(".wave-section").textContent = section;
      if (!this.slider.matches(":active")) this.slider.value = String(seconds);
      this.slider.setAttribute("aria-valuetext", [`${told} / ${fine(this.duration)}`, section].filter(Boolean).join(", "));
    }

    #bandAt(seconds) {
      return this.bands.find((band) => seconds >= band.start && seconds < band.end);
    }

    // -- deeds ------------

    #clicked(event) {
      const band = event.target.closest("[data-seek]");
      if (band) {
        const start = Number(band.dataset.seek);
        if (this.#looped) this.#loop(this.bands.find((one) => one.start === start));
        return this.#play(start);
      }
      if (event.target.closest("[data-loop]")) return this.#loop(this.#looped ? null : (this.#bandAt(this.#isHeard ? player.audio.currentTime : 0) ?? this.bands[0]));
      if (event.target.closest("[data-metronome]")) return this.#click();
      if (event.target.closest("[data-tap]")) return this.#tap();
      if (event.target.closest("[data-forget]")) return this.#tapped([]);
      return undefined;
    }

    #loop(band) {
      this.#looped = band ?? null;
      this.querySelector("[data-loop]").setAttribute("aria-pressed", String(Boolean(band)));
      for (const one of this.bands) one.element.classList.toggle("looped", one === band);
      this.querySelector(".hearing-state").textContent = band ? this.words.looping.replace("{name}", band.name) : "";
      if (band && (!this.#isHeard || this.#bandAt(player.audio.currentTime) !== band)) this.#play(band.start);
    }

    #click() {
      const on = this.beats.toggle();
      this.querySelector("[data-metronome]").setAttribute("aria-pressed", String(on));
      this.beats.follow(this.#isHeard);
    }

    #pressed(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.repeat) return;
      if (event.target.closest?.(TYPING) || document.querySelector("dialog[open]")) return;
      const deed = { m: "[data-metronome]", r: "[data-loop]", t: "[data-tap]" }[event.key.toLowerCase()];
      const button = deed && this.querySelector(deed);
      if (!button) return;
      event.preventDefault();
      const fold = button.closest("details");
      if (fold) fold.open = true;
      button.click();
    }

    // -- tapping ------------

    #tap() {
      if (!this.#isHeard || player.audio.paused) return this.#play(this.#isHeard ? player.audio.currentTime : 0);
      const now = player.audio.currentTime;
      const last = this.#taps.at(-1) ?? now;
      const fresh = now <= last || now - last > PAUSE ? [] : this.#taps;
      return this.#tapped([...fresh, now]);
    }

    #tapped(taps) {
      this.#taps = taps;
      const form = this.querySelector("[data-tap]").closest("form");
      form.elements.taps.value = taps.map((one) => one.toFixed(3)).join(" ");
      const state = form.querySelector("[data-taps]");
      const gaps = taps.slice(1).map((tap, at) => tap - taps[at]).sort((a, b) => a - b);
      const tempo = gaps.length ? 60 / gaps[Math.floor(gaps.length / 2)] : 0;
      state.textContent = taps.length >= 2 ? this.words.taps.replace("%1", taps.length).replace("%2", tempo.toFixed(1)) : String(taps.length || "");
      form.querySelector("[data-tapped]").hidden = taps.length < FEWEST_TAPS;
    }
  },
);

