// A track's page: the waveform, the words that light up as they are sung, stems, and two takes side by side.
import { fetchPeaks, player, resolved, trackOf, waveform } from "./player.js";
import { Mixer } from "./mixer.js";
import { clock, put, wordsOf } from "./words.js";

customElements.define(
  "track-view",
  class extends HTMLElement {
    #waves = [];
    #mixer = null;
    #frame = 0;
    #ears = new AbortController();
    #other = null; // the take B

    connectedCallback() {
      this.words = wordsOf("track-words");
      this.track = trackOf(this.querySelector(".play-button"));
      this.lines = [...this.querySelectorAll(".line")].map((element) => ({ element, ...times(element), syllables: [...element.children].map((one) => ({ element: one, ...times(one) })) }));
      this.bands = [...this.querySelectorAll(".bands li")].map((element) => ({ element, ...times(element) }));
      const { signal } = this.#ears;
      this.addEventListener("click", (event) => this.#clicked(event), { signal });
      player.addEventListener("change", () => this.#follow(), { signal });
      player.addEventListener("time", () => this.#show(), { signal });
      document.addEventListener("click", (event) => this.#chosen(event), { signal });
      document.addEventListener("pansori:theme", () => this.#colours(), { signal });
      this.#place();
      this.#draw(this.querySelector("#wave"), this.track, "--accent");
      const strips = this.querySelector(".strips");
      if (strips) this.#mixer = new Mixer(strips, this.querySelector("#stems-state"), this.words, () => this.isHeard);
      this.#follow();
    }

    disconnectedCallback() {
      this.#ears.abort();
      cancelAnimationFrame(this.#frame);
      this.#mixer?.close();
      for (const { wave } of this.#waves) wave.destroy();
    }

    /** Whether it is this song, A or B, that is in the player. */
    get isHeard() {
      return player.track?.id === this.track.id || (this.#other !== null && player.track?.id === this.#other.id);
    }

    get time() {
      return this.isHeard ? player.audio.currentTime : 0;
    }

    async #draw(container, track, colour) {
      const peaks = await fetchPeaks(track.peaks);
      if (!this.isConnected) return;
      const wave = waveform(container, { height: "auto", peaks: peaks.channels, duration: track.duration, barWidth: 3, barGap: 2, progressColor: resolved(colour), cursorColor: resolved(colour) });
      wave.on("click", (share) => this.#seek(share * track.duration));
      wave.on("drag", (share) => this.#seek(share * track.duration));
      this.#waves.push({ wave, track, colour });
      this.#show();
    }

    #colours() {
      for (const { wave, colour } of this.#waves) wave.setOptions({ waveColor: resolved("--edge"), progressColor: resolved(colour), cursorColor: resolved(colour) });
    }

    #place() {
      const { duration } = this.track;
      for (const { element, start, end } of this.bands) {
        element.style.insetInlineStart = `${(100 * start) / duration}%`;
        element.style.inlineSize = `${(100 * (Math.min(end, duration) - start)) / duration}%`;
      }
      this.querySelector(".bands")?.classList.add("placed");
    }

    #clicked(event) {
      const place = event.target.closest("[data-seek], .line");
      if (place) this.#seek(Number(place.dataset.seek ?? place.dataset.start), true);
      const take = event.target.closest("[data-take]");
      if (take) this.#switch(take.dataset.take);
    }

    #seek(seconds, playing = false) {
      if (this.isHeard) {
        player.seek(seconds);
        if (playing && player.audio.paused) player.toggle();
      } else player.play(this.track, seconds);
    }

    // -- following the sound ------------

    #follow() {
      cancelAnimationFrame(this.#frame);
      this.#mixer?.follow();
      const take = player.track?.id === this.#other?.id && this.#other ? "b" : "a";
      for (const button of this.querySelectorAll("[data-take]")) button.setAttribute("aria-pressed", String(button.dataset.take === take));
      const step = () => {
        this.#show();
        if (this.isHeard && !player.audio.paused) this.#frame = requestAnimationFrame(step);
      };
      step();
    }

    #show() {
      const { time } = this;
      for (const { wave, track } of this.#waves) wave.getRenderer().renderProgress(Math.min(1, time / track.duration), false);
      this.querySelector("#wave-now").textContent = clock(time);
      for (const band of this.bands) band.element.classList.toggle("now", this.isHeard && time >= band.start && time < band.end);
      this.#light(this.isHeard ? time : -1);
    }

    #light(time) {
      for (const line of this.lines) {
        const now = time >= line.start - 0.15 && time < line.end;
        if (now && !line.element.classList.contains("now")) this.#bringUp(line.element);
        line.element.classList.toggle("now", now);
        line.element.classList.toggle("over", time >= line.end);
        for (const syllable of line.syllables) syllable.element.classList.toggle("sung", time >= syllable.start && time < line.end);
      }
    }

    #bringUp(element) {
      const list = this.querySelector("#lines");
      if (list.scrollHeight <= list.clientHeight) return;
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      list.scrollTo({ top: element.offsetTop - list.clientHeight / 2 + element.clientHeight / 2, behavior: still ? "auto" : "smooth" });
    }

    // -- two takes ------------

    #chosen(event) {
      const button = event.target.closest("[data-compare]");
      if (!button) return;
      const { compare, name, source, peaks, title, href, duration } = button.dataset;
      this.#other = { id: compare, source, peaks, title, href, duration: Number(duration) };
      const group = this.querySelector("#ab");
      group.hidden = false;
      group.querySelector('[data-take="b"]').textContent = put(this.words.take_b, name);
      const place = this.querySelector("#wave-b");
      place.hidden = false;
      for (const { wave, track } of this.#waves) if (track.id !== this.track.id) wave.destroy();
      this.#waves = this.#waves.filter(({ track }) => track.id === this.track.id);
      this.#draw(place, this.#other, "--jade");
      this.#switch("b");
      group.scrollIntoView({ block: "center" });
    }

    #switch(take) {
      const wanted = take === "b" ? this.#other : this.track;
      if (wanted && player.track?.id !== wanted.id) player.play(wanted, Math.min(this.time, wanted.duration - 0.5));
    }
  },
);

function times(element) {
  return { start: Number(element.dataset.start), end: Number(element.dataset.end) };
}
