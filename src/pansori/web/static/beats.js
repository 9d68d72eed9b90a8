// Beats below a waveform: seen, pressed, walked through with keys, and heard as clicks.
import { paper, player, resolved } from "./player.js";
import { countBefore, fine, nearest } from "./seconds.js";

const AHEAD = 0.12; // s for which clicks are laid out
const EVERY = 30; // ms
const LENGTH = 0.04; // s of a click
const PITCH = { bar: 1760, beat: 1175 }; // Hz
const SAME = 0.03; // s by which a bar's beginning may miss its beat

export class Beats {
  #times = [];
  #isBar = [];
  #numbers = []; // [bar, beat] of each; null before the first bar
  #on = false;
  #context = null;
  #timer = 0;
  #next = 0;
  #eyes = new ResizeObserver(() => this.draw());

  /** `seek(seconds)` is called where a beat was chosen. */
  constructor(canvas, slider, duration, words, seek) {
    Object.assign(this, { canvas, slider, duration, words, seek });
    canvas.addEventListener("click", (event) => this.#chosen(nearest(this.#times, (event.offsetX / canvas.clientWidth) * duration)));
    slider.addEventListener("input", () => this.#chosen(Number(slider.value)));
    for (const name of ["seeked", "ratechange"]) player.audio.addEventListener(name, this.#again);
    this.#eyes.observe(canvas);
  }

  close() {
    clearInterval(this.#timer);
    for (const name of ["seeked", "ratechange"]) player.audio.removeEventListener(name, this.#again);
    this.#eyes.disconnect();
    this.#context?.close();
    this.#context = null;
  }

  take({ beats, downbeats }) {
    this.#times = beats;
    let [bar, beat] = [0, 0];
    for (const time of beats) {
      const near = nearest(downbeats, time);
      const first = near >= 0 && Math.abs(downbeats[near] - time) < SAME;
      if (first) [bar, beat] = [bar + 1, 1];
      else if (bar) beat += 1;
      this.#isBar.push(first);
      this.#numbers.push(bar ? [bar, beat] : null);
    }
    this.slider.max = String(Math.max(0, beats.length - 1));
    this.draw();
    this.show(0);
  }

  draw() {
    const { paint, width, height } = paper(this.canvas);
    const [bars, beats] = [resolved("--accent"), resolved("--soft")];
    this.#times.forEach((time, at) => {
      const x = Math.round((time / this.duration) * width);
      paint.fillStyle = this.#isBar[at] ? bars : beats;
      paint.fillRect(x, 0, this.#isBar[at] ? 2 : 1, this.#isBar[at] ? height : height * 0.55);
    });
  }

  /** Tell which beat it is at that moment. */
  show(seconds) {
    if (!this.#times.length) return;
    const at = Math.max(0, countBefore(this.#times, seconds + 0.01) - 1);
    if (!this.slider.matches(":active")) this.slider.value = String(at);
    const told = this.#told(at);
    if (this.slider.getAttribute("aria-valuetext") !== told) this.slider.setAttribute("aria-valuetext", told);
  }

  /** Clicks on or off; gives which. */
  toggle() {
    this.#on = !this.#on;
    return this.#on;
  }

  /** Click along with the player, where it plays this one. */
  follow(isHeard) {
    clearInterval(this.#timer);
    this.isHeard = isHeard;
    if (!this.#on || !isHeard || player.audio.paused) return;
    this.#wake();
    this.#next = countBefore(this.#times, player.audio.currentTime);
    this.#timer = setInterval(() => this.#layOut(), EVERY);
    this.#layOut();
  }

  #again = () => this.follow(this.isHeard);

  #layOut() {
    const { currentTime: now, playbackRate: rate } = player.audio;
    for (; this.#next < this.#times.length && this.#times[this.#next] < now + AHEAD * rate; this.#next++) {
      const wait = (this.#times[this.#next] - now) / rate;
      if (wait >= 0) this.#sound(this.#context.currentTime + wait, this.#isBar[this.#next]);
    }
  }

  #chosen(at) {
    if (at < 0 || at >= this.#times.length) return;
    this.seek(this.#times[at]);
    this.#wake();
    if (player.audio.paused || !this.#on) this.#sound(this.#context.currentTime, this.#isBar[at]);
    this.show(this.#times[at]);
    this.canvas.dispatchEvent(new CustomEvent("beat", { bubbles: true, detail: at }));
  }

  #told(at) {
    const place = this.#numbers[at];
    const words = place ? this.words.beat.replace("%1", place[0]).replace("%2", place[1]) : String(at + 1);
    return `${words}, ${fine(this.#times[at])}`;
  }

  #wake() {
    this.#context ??= new AudioContext();
    this.#context.resume();
  }

  #sound(when, isBar) {
    const gain = new GainNode(this.#context, { gain: 0 });
    const tone = new OscillatorNode(this.#context, { frequency: isBar ? PITCH.bar : PITCH.beat });
    gain.gain.setValueAtTime(isBar ? 0.5 : 0.3, when);
    gain.gain.exponentialRampToValueAtTime(0.001, when + LENGTH);
    tone.connect(gain).connect(this.#context.destination);
    tone.start(when);
    tone.stop(when + LENGTH);
  }
}
