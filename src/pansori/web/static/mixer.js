// Stems in step with the player: it stays the clock, silent, while they sound instead of it.
import { player, resolved } from "./player.js";

const DRIFT = 0.04; // s that stems may be apart from the player before they are set anew
const LOOK_EVERY = 500; // ms
const LONG = 240; // s from which stems are decoded at a lower rate, for they stand in memory

export class Mixer {
  #strips;
  #context = null;
  #loading = null;
  #timer = 0;
  #begun = null; // { at: context's time, from: song's time, rate }

  /** `isHeard` tells whether the player plays this song. */
  constructor(list, state, words, isHeard) {
    this.state = state;
    this.words = words;
    this.isHeard = isHeard;
    this.#strips = [...list.querySelectorAll(".strip")].map((element) => ({ element, path: element.dataset.stem, muted: false, solo: false, buffer: null, gain: null, source: null }));
    list.addEventListener("click", (event) => this.#pressed(event));
    player.audio.addEventListener("seeked", this.follow);
    player.audio.addEventListener("ratechange", this.follow);
    document.addEventListener("pansori:theme", this.#redraw);
  }

  close() {
    player.audio.removeEventListener("seeked", this.follow);
    player.audio.removeEventListener("ratechange", this.follow);
    document.removeEventListener("pansori:theme", this.#redraw);
    this.#stop();
    player.audio.muted = false;
    this.#context?.close();
    this.#context = null;
  }

  /** Whether the stems are to sound: as soon as one is silenced or alone. */
  get #mixing() {
    return this.#strips.some((strip) => strip.muted || strip.solo);
  }

  async #pressed(event) {
    const button = event.target.closest("[data-mute], [data-solo]");
    if (!button) return;
    const strip = this.#strips.find(({ element }) => element.contains(button));
    if (button.hasAttribute("data-mute")) strip.muted = !strip.muted;
    else strip.solo = !strip.solo;
    button.setAttribute("aria-pressed", String(button.hasAttribute("data-mute") ? strip.muted : strip.solo));
    this.#balance();
    try {
      await (this.#loading ??= this.#load());
      this.state.textContent = "";
    } catch {
      this.#loading = null;
      this.#context?.close();
      this.#context = null;
      this.state.textContent = this.words.cannot;
      return;
    }
    this.follow();
  }

  async #load() {
    this.state.textContent = `${this.words.loading}…`;
    const rate = player.duration > LONG ? 22050 : 44100;
    this.#context = new AudioContext({ sampleRate: rate });
    const context = this.#context;
    await Promise.all(
      this.#strips.map(async (strip) => {
        const answer = await fetch(strip.path);
        if (!answer.ok) throw new Error(String(answer.status));
        strip.buffer = await context.decodeAudioData(await answer.arrayBuffer());
        strip.gain = new GainNode(context);
        strip.gain.connect(context.destination);
        draw(strip);
      }),
    );
    this.#balance();
  }

  #balance() {
    const alone = this.#strips.some((strip) => strip.solo);
    for (const strip of this.#strips) {
      const heard = !strip.muted && (!alone || strip.solo);
      strip.element.classList.toggle("silent", !heard);
      if (this.#context) strip.gain?.gain.setTargetAtTime(heard ? 1 : 0, this.#context.currentTime, 0.015);
    }
  }

  /** Do what the player does. */
  follow = () => {
    clearInterval(this.#timer);
    const { audio } = player;
    const ready = this.#context !== null && this.#strips.every((strip) => strip.buffer);
    const mixing = ready && this.#mixing && this.isHeard();
    audio.muted = mixing;
    if (!mixing || audio.paused) return this.#stop();
    this.#start();
    this.#timer = setInterval(() => {
      const expected = this.#begun.from + (this.#context.currentTime - this.#begun.at) * this.#begun.rate;
      if (Math.abs(expected - audio.currentTime) > DRIFT) this.#start();
    }, LOOK_EVERY);
  };

  #start() {
    this.#stop();
    this.#context.resume();
    const from = player.audio.currentTime;
    const at = this.#context.currentTime + 0.02;
    const rate = player.audio.playbackRate;
    for (const strip of this.#strips) {
      strip.source = new AudioBufferSourceNode(this.#context, { buffer: strip.buffer, playbackRate: rate });
      strip.source.connect(strip.gain);
      strip.source.start(at, Math.min(from + 0.02 * rate, strip.buffer.duration));
    }
    this.#begun = { at, from: from + 0.02 * rate, rate };
  }

  #stop() {
    clearInterval(this.#timer);
    for (const strip of this.#strips) {
      strip.source?.stop();
      strip.source?.disconnect();
      strip.source = null;
    }
  }

  #redraw = () => this.#strips.filter((strip) => strip.buffer).forEach(draw);
}

/** The stem's loudness over time, as bars. */
function draw({ element, buffer }) {
  const canvas = element.querySelector("canvas");
  const scale = devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const paint = canvas.getContext("2d");
  paint.scale(scale, scale);
  paint.fillStyle = resolved("--soft");
  const samples = buffer.getChannelData(0);
  const bars = Math.floor(width / 3);
  for (let bar = 0; bar < bars; bar++) {
    let most = 0;
    const end = Math.floor(((bar + 1) * samples.length) / bars);
    for (let at = Math.floor((bar * samples.length) / bars); at < end; at += 8) most = Math.max(most, Math.abs(samples[at]));
    const tall = Math.max(1, most * height);
    paint.fillRect(bar * 3, (height - tall) / 2, 2, tall);
  }
}
