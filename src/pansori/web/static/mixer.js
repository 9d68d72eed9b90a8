// Stems in step with the player: it stays the clock, silent, while they sound instead of it.
import { paper, player, resolved } from "./player.js";

const DRIFT = 0.04; // s that stems may be apart from the player before they are set anew
const LOOK_EVERY = 500; // ms
const POINTS = 400; // of a picture that is made here
const LONG = 240; // s from which stems are decoded at a lower rate, for they stand in memory

export class Mixer {
  #strips;
  #eyes = new ResizeObserver(() => this.#redraw());
  #context = null;
  #loading = null;
  #timer = 0;
  #muting = false; // whether it is for this one's stems that the player is silent
  #begun = null; // { at: context's time, from: song's time, rate }

  /** `isHeard` tells whether the player plays this song. `seek` is called with the part of it that was pointed at. */
  constructor(list, state, words, isHeard, seek) {
    Object.assign(this, { list, state, words, isHeard });
    this.#strips = [...list.querySelectorAll(".strip")].map((element) => ({ element, path: element.dataset.stem, muted: false, solo: false, peaks: null, buffer: null, gain: null, source: null }));
    list.addEventListener("click", (event) => {
      const button = event.target.closest("[data-mute], [data-solo]");
      const wave = event.target.closest(".strip-wave");
      const place = this.#strips.findIndex(({ element }) => element.contains(event.target));
      if (button) this.press(place, button.hasAttribute("data-mute") ? "mute" : "solo");
      else if (wave) seek(Math.max(0, event.offsetX) / wave.clientWidth);
    });
    player.audio.addEventListener("seeked", this.follow);
    player.audio.addEventListener("ratechange", this.follow);
    document.addEventListener("pansori:theme", this.#redraw);
    this.#eyes.observe(list);
    this.#picture(list.dataset.peaks);
  }

  close() {
    this.#eyes.disconnect();
    player.audio.removeEventListener("seeked", this.follow);
    player.audio.removeEventListener("ratechange", this.follow);
    document.removeEventListener("pansori:theme", this.#redraw);
    this.#stop();
    if (this.#muting) player.audio.muted = false;
    this.#context?.close();
    this.#context = null;
  }

  /** Whether the stems are to sound: as soon as one is silenced or alone. */
  get #mixing() {
    return this.#strips.some((strip) => strip.muted || strip.solo);
  }

  /** `part` of the song is over. */
  show(part) {
    this.list.style.setProperty("--at", String(Math.min(1, part)));
  }

  /** Silence a stem or hear it alone, or no longer. `what`: "mute" or "solo". */
  async press(place, what) {
    const strip = this.#strips[place];
    if (!strip) return;
    const on = what === "mute" ? (strip.muted = !strip.muted) : (strip.solo = !strip.solo);
    strip.element.querySelector(`[data-${what}]`).setAttribute("aria-pressed", String(on));
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
        strip.peaks ??= measured(strip.buffer);
      }),
    );
    this.#redraw();
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
    if (mixing || this.#muting) audio.muted = mixing;
    this.#muting = mixing;
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

  /** What was stored with the song; a stem that is not there is measured when its sound has come. */
  async #picture(path) {
    const answer = path && (await fetch(path).catch(() => null));
    if (!answer?.ok) return;
    const { stems } = await answer.json();
    for (const strip of this.#strips) strip.peaks ??= stems[strip.element.dataset.role] ?? null;
    this.#redraw();
  }

  /** All against the loudest, so that one sees who leads. */
  #redraw = () => {
    const known = this.#strips.filter((strip) => strip.peaks);
    const most = Math.max(0.001, ...known.flatMap((strip) => strip.peaks));
    for (const { element, peaks } of known) draw(element.querySelector("canvas"), peaks, most);
  };
}

function measured(buffer) {
  const samples = buffer.getChannelData(0);
  return Array.from({ length: POINTS }, (_, point) => {
    let most = 0;
    const end = Math.floor(((point + 1) * samples.length) / POINTS);
    for (let at = Math.floor((point * samples.length) / POINTS); at < end; at += 8) most = Math.max(most, Math.abs(samples[at]));
    return most;
  });
}

/** Loudness over time, as bars. */
function draw(canvas, peaks, most) {
  const { paint, width, height } = paper(canvas);
  paint.fillStyle = resolved("--soft");
  const bars = Math.floor(width / 3);
  for (let bar = 0; bar < bars; bar++) {
    const from = Math.floor((bar * peaks.length) / bars);
    const loud = Math.max(...peaks.slice(from, Math.max(from + 1, Math.floor(((bar + 1) * peaks.length) / bars))));
    const tall = Math.max(1, (loud / most) * height);
    paint.fillRect(bar * 3, (height - tall) / 2, 2, tall);
  }
}
