// The bar at the bottom. It stands outside of what navigation swaps, so a song goes on while one moves about.
import WaveSurfer from "./wavesurfer.js";
import { clock, put, readWords } from "./words.js";

const FORCED = matchMedia("(forced-colors: active)"); // the system's colours, which a canvas has to be told
const $ = (id) => document.getElementById(id);
const tabs = new BroadcastChannel("pansori:player"); // of this browser: the one that began last is heard

/** A waveform in the page's colours, drawn from stored peaks. */
export function waveform(container, options) {
  return WaveSurfer.create({
    container,
    cspNonce: document.querySelector("meta[name=style-nonce]").content,
    ...colours(),
    cursorWidth: 2,
    barWidth: 2,
    barGap: 2,
    barRadius: 2,
    normalize: true,
    hideScrollbar: true,
    ...options,
  });
}

/** Of a waveform that is drawn now. `played`: of what is over. */
export function colours(played = "--accent") {
  if (FORCED.matches) return { waveColor: "CanvasText", progressColor: "Highlight", cursorColor: "Highlight" };
  return { waveColor: resolved("--edge"), progressColor: resolved(played), cursorColor: resolved(played) };
}

/** `light-dark()` as one colour, which a canvas needs. */
export function resolved(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

/** A canvas as it lies on the page now, empty, to be drawn on in CSS pixels and as sharp as the screen is. */
export function paper(canvas) {
  const scale = devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  Object.assign(canvas, { width: width * scale, height: height * scale });
  const paint = canvas.getContext("2d");
  paint.scale(scale, scale);
  return { paint, width, height };
}

const artwork = () => ({ src: document.querySelector("link[rel=icon]").href, sizes: "any", type: "image/svg+xml" });

const FLAT = { channels: [[0, 0]] };

/** A flat line where there are none, or none any more. */
export async function fetchPeaks(path) {
  const answer = path && (await fetch(path).catch(() => null));
  return answer?.ok ? answer.json().catch(() => FLAT) : FLAT;
}

class Player extends EventTarget {
  audio = $("audio");
  track = null;
  queue = [];
  #wave = null;
  /** What lock screens and headphones offer, by the names of the Media Session standard. */
  #deeds = {
    play: () => this.audio.play().catch(() => {}),
    pause: () => this.audio.pause(),
    stop: () => this.audio.pause(),
    seekto: (to) => this.seek(to.seekTime),
    seekbackward: (by) => this.skip(-(by.seekOffset ?? 10)),
    seekforward: (by) => this.skip(by.seekOffset ?? 10),
  };

  constructor() {
    super();
    const { audio } = this;
    for (const name of ["play", "pause", "ended", "emptied"]) audio.addEventListener(name, () => this.#changed());
    audio.addEventListener("play", () => tabs.postMessage("play"));
    tabs.addEventListener("message", () => audio.pause());
    audio.addEventListener("timeupdate", () => this.#tick());
    audio.addEventListener("seeked", () => this.#tick());
    audio.addEventListener("ended", () => this.next());
    audio.addEventListener("error", () => this.#failed());
    audio.addEventListener("playing", () => ($("player-note").textContent = ""));
    $("player").addEventListener("click", (event) => this.#pressed(event.target.closest("[data-player]")?.dataset.player));
    $("player-seek").addEventListener("input", (event) => this.seek(Number(event.target.value)));
    $("player-speed").addEventListener("change", (event) => (audio.playbackRate = Number(event.target.value)));
    $("player-list").addEventListener("click", (event) => {
      const place = event.target.closest("[data-place]")?.dataset.place;
      if (place !== undefined) this.play(this.queue.splice(Number(place), 1)[0]);
    });
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-play]");
      if (button) this.choose(trackOf(button));
      const later = event.target.closest("[data-enqueue]");
      if (later) this.enqueue(trackOf(later));
    });
    document.addEventListener("pointerdown", (event) => {
      if (!event.target.closest("#player")) this.#openQueue(false);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || $("player-queue").hidden) return;
      this.#openQueue(false);
      document.querySelector('[data-player="queue"]').focus();
    });
    document.addEventListener("pansori:theme", () => this.#wave?.setOptions(colours()));
    for (const name of ["loadedmetadata", "seeked", "ratechange", "play", "pause"]) audio.addEventListener(name, () => this.#tellSystem());
    for (const [name, act] of Object.entries(this.#deeds)) navigator.mediaSession?.setActionHandler(name, act);
  }

  get loaded() {
    return this.track !== null;
  }

  get duration() {
    return Number.isFinite(this.audio.duration) ? this.audio.duration : (this.track?.duration ?? 0);
  }

  /** Play this track; the one that is playing pauses or goes on. */
  choose(track) {
    if (this.track?.id === track.id) this.toggle();
    else this.play(track);
  }

  /** `at`: seconds from its beginning. */
  async play(track, at = 0) {
    this.load(track, at);
    await this.audio.play().catch(() => {}); // told by the event `error`, or pressed away
  }

  load(track, at = 0) {
    this.track = track;
    this.audio.src = track.source;
    this.audio.playbackRate = Number($("player-speed").value);
    if (at) this.audio.currentTime = at;
    $("player").hidden = false;
    $("player-title").textContent = track.title;
    $("player-title").href = track.href;
    htmx.process($("player-title"));
    $("player-note").textContent = "";
    if (navigator.mediaSession) navigator.mediaSession.metadata = new MediaMetadata({ title: track.title, artist: "Pansori", artwork: [artwork()] });
    this.#tick();
    this.#draw(track);
    this.#changed();
  }

  toggle() {
    if (!this.loaded) return;
    if (this.audio.paused) this.audio.play().catch(() => {});
    else this.audio.pause();
  }

  skip(seconds) {
    this.seek(this.audio.currentTime + seconds);
  }

  seek(seconds) {
    if (!this.loaded) return;
    this.audio.currentTime = Math.min(Math.max(0, seconds), Math.max(0, this.duration - 0.05));
    this.#tick();
  }

  /** Play it after what plays now and what waits; at once where nothing does. */
  enqueue(track) {
    if (!this.loaded || this.audio.ended) return this.play(track);
    this.queue.push(track);
    this.#listQueue();
    $("player-note").textContent = put(readWords().queued, track.title);
  }

  next() {
    const track = this.queue.shift();
    if (track) this.play(track);
    this.#listQueue();
  }

  /** These tracks are gone. */
  forget(ids) {
    this.queue = this.queue.filter((track) => !ids.includes(track.id));
    if (ids.includes(this.track?.id)) {
      this.audio.pause();
      this.audio.removeAttribute("src");
      this.track = null;
      $("player").hidden = true;
      if (navigator.mediaSession) navigator.mediaSession.metadata = null;
      this.#tellSystem();
    }
    this.#changed();
  }

  /** Show on every button of a page whether its track is the one that plays. */
  mark(root) {
    const words = readWords();
    for (const button of root.querySelectorAll("[data-play]")) {
      const playing = button.dataset.play === this.track?.id && !this.audio.paused;
      button.classList.toggle("playing", playing);
      const idle = (button.dataset.idle ??= button.getAttribute("aria-label"));
      const pause = idle === words.play ? words.pause : `${words.pause}: ${button.dataset.title}`;
      button.setAttribute("aria-label", playing ? pause : idle);
    }
    const main = document.querySelector('[data-player="toggle"]');
    main.classList.toggle("playing", !this.audio.paused);
    main.setAttribute("aria-label", this.audio.paused ? words.play : words.pause);
    this.#listQueue();
  }

  #pressed(what) {
    if (what === "toggle") this.toggle();
    else if (what === "back") this.skip(-5);
    else if (what === "on") this.skip(5);
    else if (what === "next") this.next();
    else if (what === "queue") this.#openQueue($("player-queue").hidden);
  }

  #openQueue(open) {
    $("player-queue").hidden = !open;
    document.querySelector('[data-player="queue"]').setAttribute("aria-expanded", String(open));
  }

  #changed() {
    this.mark(document);
    this.dispatchEvent(new Event("change"));
  }

  #tick() {
    const { currentTime } = this.audio;
    $("player-now").textContent = clock(currentTime);
    $("player-end").textContent = clock(this.duration);
    const seek = $("player-seek");
    seek.max = String(this.duration || 1);
    seek.value = String(currentTime);
    seek.setAttribute("aria-valuetext", `${clock(currentTime)} / ${clock(this.duration)}`);
    this.dispatchEvent(new Event("time"));
  }

  /** Where it is, for what shows it outside of the page. */
  #tellSystem() {
    const session = navigator.mediaSession;
    if (!session) return;
    const { audio, duration } = this;
    session.playbackState = !this.loaded ? "none" : audio.paused ? "paused" : "playing";
    if (duration > 0) session.setPositionState({ duration, playbackRate: audio.playbackRate, position: Math.min(audio.currentTime, duration) });
    else session.setPositionState();
  }

  #failed() {
    if (this.audio.getAttribute("src")) $("player-note").textContent = readWords().cannot_play;
  }

  async #draw(track) {
    const peaks = await fetchPeaks(track.peaks);
    if (this.track !== track) return;
    this.#wave?.destroy();
    this.#wave = waveform($("player-wave"), {
      height: "auto",
      media: this.audio,
      peaks: peaks.channels.slice(0, 1),
      duration: track.duration,
      cursorWidth: 0,
      dragToSeek: true,
    });
  }

  #listQueue() {
    $("player-list").replaceChildren(
      ...this.queue.map((track, place) => {
        const button = Object.assign(document.createElement("button"), { type: "button", textContent: track.title });
        button.dataset.place = String(place);
        const item = document.createElement("li");
        item.append(button);
        return item;
      }),
    );
    $("player-empty").hidden = this.queue.length > 0;
    document.querySelector('[data-player="next"]').hidden = this.queue.length === 0;
    navigator.mediaSession?.setActionHandler("nexttrack", this.queue.length ? () => this.next() : null);
  }
}

/** What a button's `data-` attributes say of its track. */
export function trackOf(button) {
  const { play, enqueue, title, source, peaks, href, duration } = button.dataset;
  return { id: play ?? enqueue, title, source, peaks, href, duration: Number(duration) };
}

export const player = new Player();
