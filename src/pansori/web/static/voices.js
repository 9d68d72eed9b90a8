// Scripts, actors, tokens: what is deleted can be taken back, clips are drawn, recordings are made and sent.
import { go } from "./app.js";
import { paper, player, resolved } from "./player.js";
import { canRecord, drawLevels, Take } from "./record.js";
import { NotSent, send } from "./send.js";
import { trash } from "./trash.js";
import { clock, wordsOf } from "./words.js";

const BAR = 4; // pixels from one bar of a waveform to the next

// -- lists ------------

customElements.define(
  "voice-list",
  class extends HTMLElement {
    #ears = new AbortController();

    connectedCallback() {
      const { signal } = this.#ears;
      this.addEventListener("submit", (event) => this.#submitted(event), { capture: true });
      document.addEventListener("htmx:after:swap", () => this.#show(), { signal });
      trash.addEventListener("change", () => this.#show(), { signal });
      this.#show();
    }

    disconnectedCallback() {
      this.#ears.abort();
    }

    #submitted(event) {
      const path = event.target.dataset.gone;
      if (!path) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const byKeyboard = event.submitter?.matches(":focus-visible");
      trash.put([event.target.closest("li").dataset.id], { byKeyboard, path, method: "DELETE", told: wordsOf("voice-words").gone });
    }

    #show() {
      for (const item of this.querySelectorAll("[data-id]")) item.hidden = trash.has(item.dataset.id);
    }
  },
);

// -- clips ------------

customElements.define(
  "voice-clip",
  class extends HTMLElement {
    #peaks = [];
    #ears = new AbortController();

    async connectedCallback() {
      this.canvas = this.querySelector("canvas");
      const { signal } = this.#ears;
      document.addEventListener("pansori:theme", () => this.#draw(), { signal });
      addEventListener("resize", () => this.#draw(), { signal });
      this.#peaks = await peaksOf(this.dataset.source).catch(() => []); // what cannot be decoded here may still be played
      this.#draw();
    }

    disconnectedCallback() {
      this.#ears.abort();
    }

    #draw() {
      if (!this.isConnected || !this.#peaks.length) return;
      const { paint, width, height } = paper(this.canvas);
      paint.fillStyle = resolved("--edge");
      const bars = Math.floor(width / BAR);
      for (let at = 0; at < bars; at++) {
        const from = Math.floor((at * this.#peaks.length) / bars);
        const to = Math.max(from + 1, Math.floor(((at + 1) * this.#peaks.length) / bars));
        const tall = Math.max(2, Math.max(...this.#peaks.slice(from, to)) * height);
        paint.fillRect(at * BAR, (height - tall) / 2, 2, tall);
      }
    }
  },
);

/** The loudest of each hundredth of a second, 1 being the loudest of all. */
async function peaksOf(path) {
  const answer = await fetch(path);
  if (!answer.ok) return [];
  const sound = await new OfflineAudioContext(1, 1, 16_000).decodeAudioData(await answer.arrayBuffer());
  const samples = sound.getChannelData(0);
  const each = Math.max(1, Math.floor(sound.sampleRate / 100));
  const peaks = [];
  for (let from = 0; from < samples.length; from += each) {
    let most = 0;
    for (let at = from; at < Math.min(from + each, samples.length); at++) most = Math.max(most, Math.abs(samples[at]));
    peaks.push(most);
  }
  const loudest = Math.max(...peaks, 1e-4);
  return peaks.map((one) => one / loudest);
}

// -- words of an attempt, each heard alone ------------

customElements.define(
  "word-listener",
  class extends HTMLElement {
    #context = null;
    #sounds = {};
    #source = null;

    connectedCallback() {
      this.addEventListener("click", (event) => {
        const button = event.target.closest("[data-clip]");
        if (button) this.#hear(button);
      });
    }

    disconnectedCallback() {
      this.#context?.close();
    }

    async #hear(button) {
      this.#context ??= new AudioContext();
      player.audio.pause();
      this.#source?.stop();
      const { clip, start, end } = button.dataset;
      this.#sounds[clip] ??= this.#fetched(this.dataset[clip]);
      const buffer = await this.#sounds[clip];
      if (!buffer || !this.isConnected) return;
      const source = (this.#source = new AudioBufferSourceNode(this.#context, { buffer }));
      source.connect(this.#context.destination);
      source.addEventListener("ended", () => button.classList.remove("heard"));
      button.classList.add("heard");
      source.start(0, Number(start), Number(end) - Number(start));
    }

    async #fetched(path) {
      const answer = await fetch(path).catch(() => null);
      return answer?.ok ? this.#context.decodeAudioData(await answer.arrayBuffer()).catch(() => null) : null;
    }
  },
);

// -- recordings ------------

customElements.define(
  "voice-sender",
  class extends HTMLElement {
    #take = null;
    #file = null;
    #levels = [];
    #heard = null;
    #starting = false;

    connectedCallback() {
      this.words = wordsOf("sender-words");
      this.state = this.querySelector(".sender-state");
      this.button = this.querySelector("[data-record]");
      this.addEventListener("click", (event) => this.#clicked(event));
      this.querySelector("form").addEventListener("submit", (event) => this.#submitted(event));
    }

    disconnectedCallback() {
      this.#take?.discard();
      this.#silence();
    }

    #clicked(event) {
      if (event.target.closest("[data-record]")) this.#take ? this.#stop() : this.#start();
      else if (event.target.closest("[data-hear]")) this.#hear();
      else if (event.target.closest("[data-send]")) this.#send(this.#file);
    }

    async #start() {
      if (this.#starting) return;
      this.#silence();
      this.#tell("");
      if (!canRecord()) return this.#tell(this.words.none);
      const take = new Take();
      this.#starting = true;
      try {
        await take.start();
      } catch {
        return this.#tell(this.words.none);
      } finally {
        this.#starting = false;
      }
      if (!this.isConnected) return take.discard();
      this.#take = take;
      this.#levels = [];
      this.#show("recording");
      const [time, meter, colour] = [this.querySelector(".sender-clock time"), this.querySelector(".sender-level"), resolved("--accent")];
      take.addEventListener("time", () => {
        this.#levels.push(take.level);
        drawLevels(meter, this.#levels, colour);
        time.textContent = clock(take.seconds);
      });
    }

    async #stop() {
      const take = this.#take;
      this.#take = null;
      this.button.disabled = true;
      this.#file = await take.stop(new Date().toISOString().slice(0, 19).replaceAll(":", "-"));
      this.button.disabled = false;
      this.#show("kept");
      this.querySelector("[data-send]").focus();
    }

    /** `state`: recording, kept, or empty. */
    #show(state) {
      this.button.setAttribute("aria-pressed", String(state === "recording"));
      this.button.classList.toggle("quiet", state === "kept");
      this.button.querySelector("span").textContent = state === "recording" ? this.words.stop : state === "kept" ? this.words.again : this.words.record;
      for (const one of this.querySelectorAll(".sender-clock, .sender-level")) one.hidden = state !== "recording";
      this.querySelector(".sender-kept").hidden = state !== "kept";
    }

    /** Through the sound card and not an address of its own, which pages may not play from. */
    async #hear() {
      this.#silence();
      const context = (this.#heard = new AudioContext());
      const sound = await context.decodeAudioData(await this.#file.arrayBuffer()).catch(() => null);
      if (!sound || context !== this.#heard) return;
      const source = new AudioBufferSourceNode(context, { buffer: sound });
      source.connect(context.destination);
      source.start();
    }

    #silence() {
      this.#heard?.close();
      this.#heard = null;
    }

    #submitted(event) {
      event.preventDefault();
      const [file] = event.target.querySelector("input[type=file]").files;
      if (file) this.#send(file);
    }

    async #send(file) {
      this.#silence();
      this.#busy(true);
      this.#tell(this.words.sending);
      try {
        const { path } = await send(this.dataset.to, file, { watch: (share) => this.#tell(`${this.words.sending} ${Math.round(share * 100)} %`) });
        if (this.isConnected) go(path);
      } catch (error) {
        if (!(error instanceof NotSent)) throw error;
        this.#tell(error.message || this.words.failed);
        document.dispatchEvent(new CustomEvent("pansori:refused", { detail: error.status }));
      } finally {
        this.#busy(false);
      }
    }

    #busy(on) {
      for (const one of this.querySelectorAll("button, input")) one.disabled = on;
    }

    #tell(words) {
      if (this.state.textContent !== words) this.state.textContent = words;
    }
  },
);
