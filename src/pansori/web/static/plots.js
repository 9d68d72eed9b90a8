// Plots that are read: with a pointer or with keys one sees the value at a moment, hears it, and comes closer.
import { countBefore, fine, nearest } from "./seconds.js";

const WIDTH = 960; // of the drawing, as are the next two
const LEFT = 60;
const INNER = 888;
const STEP = 0.01; // of what is shown, by one press of an arrow key
const CLOSEST = 0.5; // s that are shown at least
const ZOOM = 2;
const SLACK = 1e-6; // s by which sums of moments may be wrong
const WIDEST = 4; // times what is shown, of which points are still close enough
const MOST_TICKS = 12;
const STEPS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 3600];
const SVG = "http://www.w3.org/2000/svg";
const LARGE = { PageUp: 10, PageDown: -10 };

export class PlotReader {
  #at = 0; // s, where the cursor is
  #from = 0;
  #span;
  #points = [];
  #data = null;
  #fine = null; // [from, to] of which there are all points that one can see
  #isAsking = false;

  /** `play(seconds)` is called where somebody wants to hear a moment, `closer(from, to)` where more points are wanted. */
  constructor(figure, duration, words, play, closer) {
    Object.assign(this, { figure, duration, words, play, closer });
    this.#span = duration;
    this.box = figure.querySelector(".plot-box");
    this.svg = this.box.querySelector("svg");
    this.cursor = this.box.querySelector(".plot-cursor");
    this.head = this.box.querySelector(".plot-play");
    this.value = figure.querySelector(".plot-value");
    const { lowest, highest, top, inner, height, unit, plot, logarithmic } = figure.dataset;
    Object.assign(this, { name: plot, unit, lowest: Number(lowest), highest: Number(highest), top: Number(top), inner: Number(inner), height: Number(height), logarithmic: logarithmic !== undefined });
    const { box } = this;
    const told = { role: "slider", "aria-valuemin": "0", "aria-valuemax": duration.toFixed(1), "aria-valuenow": "0" };
    for (const [name, value] of Object.entries(told)) box.setAttribute(name, value);
    box.addEventListener("pointermove", (event) => this.#pointed(event));
    box.addEventListener("pointerleave", () => box.matches(":focus") || this.#hide());
    box.addEventListener("click", (event) => {
      this.#pointed(event);
      this.play(this.#at);
    });
    box.addEventListener("keydown", (event) => this.#pressed(event));
    box.addEventListener("focus", () => this.#look(this.#at));
    box.addEventListener("blur", () => this.#hide());
    figure.addEventListener("click", (event) => {
      const zoom = event.target.closest("[data-zoom]")?.dataset.zoom;
      if (zoom) this.#zoom(zoom === "in" ? 1 / ZOOM : ZOOM);
    });
    this.#tell(0);
  }

  close() {
    this.#data = null;
  }

  take(data) {
    this.#data = data;
    this.#fine = data.whole ? [0, this.duration] : null;
    this.#use(data);
    this.#tell(this.#at);
  }

  #use({ curves }) {
    this.#points = curves[this.name] ?? [];
    this.times = this.#points.map(([time]) => time);
  }

  /** Where the sound is; null: it is not heard. */
  show(seconds) {
    const x = seconds === null ? -1 : this.#x(seconds);
    this.head.hidden = x < 0 || x > 1;
    if (!this.head.hidden) this.head.style.insetInlineStart = `${(100 * (LEFT + x * INNER)) / WIDTH}%`;
  }

  /** The part of what is shown, 0 to 1. */
  #x(seconds) {
    return (seconds - this.#from) / this.#span;
  }

  #pointed(event) {
    const { left, width, top, height } = this.box.getBoundingClientRect();
    const x = (((event.clientX - left) / width) * WIDTH - LEFT) / INNER;
    this.#look(this.#from + Math.min(1, Math.max(0, x)) * this.#span, ((event.clientY - top) / height) * this.height);
  }

  #pressed(event) {
    const step = event.key === "ArrowRight" || event.key === "ArrowUp" ? 1 : event.key === "ArrowLeft" || event.key === "ArrowDown" ? -1 : LARGE[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (step) this.#look(this.#at + step * STEP * this.#span);
    else if (event.key === "Home") this.#look(0);
    else if (event.key === "End") this.#look(this.duration);
    else if (event.key === "Enter") this.play(this.#at);
    else if (event.key === "+" && this.name === "pitch") this.#zoom(1 / ZOOM);
    else if (event.key === "-" && this.name === "pitch") this.#zoom(ZOOM);
    else return;
    event.preventDefault();
  }

  #look(seconds, y = null) {
    this.#at = Math.min(this.duration, Math.max(0, seconds));
    if (this.#at < this.#from || this.#at > this.#from + this.#span) this.#move(this.#at - this.#span / 2, this.#span);
    this.cursor.hidden = false;
    this.cursor.style.insetInlineStart = `${(100 * (LEFT + this.#x(this.#at) * INNER)) / WIDTH}%`;
    this.#tell(y);
  }

  #hide() {
    this.cursor.hidden = true;
    this.value.textContent = "";
  }

  #tell(y) {
    const told = [fine(this.#at), this.#valueAt(this.#at, y)].filter(Boolean).join(" · ");
    if (!this.cursor.hidden) this.value.textContent = told;
    this.box.setAttribute("aria-valuenow", this.#at.toFixed(1));
    this.box.setAttribute("aria-valuetext", told);
  }

  /** In words. Of pictures, what the pointer is on. */
  #valueAt(seconds, y) {
    if (!this.#data) return "";
    if (this.name === "waveform") return spanAt(this.#data.sections, seconds);
    if (this.name === "chroma") return spanAt(this.#data.chords, seconds);
    if (this.name === "spectrogram") return y ? `${Math.round(this.#valueOf(y))} ${this.unit}` : "";
    if (!this.#points.length) return "";
    const value = this.#points[nearest(this.times, seconds)][1];
    return value === null ? this.words.nothing : `${value.toFixed(1).replace("-", "−")} ${this.unit}`;
  }

  /** What stands at that height of the drawing. */
  #valueOf(y) {
    const share = Math.min(1, Math.max(0, 1 - (y - this.top) / this.inner));
    return this.lowest + share * (this.highest - this.lowest);
  }

  #y(value) {
    const turn = this.logarithmic ? Math.log : (one) => one;
    const share = (turn(Math.max(value, this.lowest)) - turn(this.lowest)) / (turn(this.highest) - turn(this.lowest));
    return this.top + this.inner * (1 - Math.min(share, 1));
  }

  // -- coming closer ------------

  #zoom(factor) {
    const span = Math.min(this.duration, Math.max(CLOSEST, this.#span * factor));
    this.#move(this.#at - (this.#at - this.#from) * (span / this.#span), span);
  }

  #move(from, span) {
    this.#span = span;
    this.#from = Math.min(Math.max(0, from), this.duration - span);
    this.figure.querySelector('[data-zoom="out"]').disabled = span >= this.duration;
    this.figure.querySelector('[data-zoom="in"]').disabled = span <= CLOSEST;
    this.#redraw();
    this.#look(this.#at);
    this.#sharpen();
  }

  /** Fetch the points that were left out for the whole, of what is shown and a little around it. One request at a time:
   * whoever has moved on meanwhile is looked after when it is answered. */
  async #sharpen() {
    if (this.#isAsking || !this.#data || this.#data.whole || this.#isFine) return;
    const around = [Math.max(0, this.#from - this.#span / 2), Math.min(this.duration, this.#from + 1.5 * this.#span)];
    this.#isAsking = true;
    const found = this.#span >= this.duration ? this.#data : await this.closer(...around);
    this.#isAsking = false;
    if (!found || !this.#data) return;
    if (this.#isWithin(around)) {
      this.#fine = around;
      this.#use(found);
      this.#redraw();
    }
    this.#sharpen();
  }

  #isWithin([from, to]) {
    return from <= this.#from && to > this.#from + this.#span - SLACK;
  }

  get #isFine() {
    return this.#fine !== null && this.#isWithin(this.#fine) && this.#fine[1] - this.#fine[0] <= WIDEST * this.#span;
  }

  /** The curve and the scale of time, of the part that is shown. */
  #redraw() {
    const first = Math.max(0, countBefore(this.times, this.#from) - 1);
    const last = countBefore(this.times, this.#from + this.#span) + 1;
    let path = "";
    let pen = "M";
    for (const [time, value] of this.#points.slice(first, last)) {
      const x = this.#x(time);
      if (value === null || value < this.lowest || x < 0 || x > 1) {
        pen = "M";
        continue;
      }
      path += `${pen}${(LEFT + x * INNER).toFixed(1)} ${this.#y(value).toFixed(1)}${pen === "M" ? "h.1" : ""}`;
      pen = "L";
    }
    this.svg.querySelector(".curve")?.setAttribute("d", path || "M0 0");
    this.#scale();
  }

  #scale() {
    const bottom = this.top + this.inner;
    const isOfTime = (element) => Math.abs(Number(element.getAttribute("y")) - (bottom + 18)) < 1;
    for (const text of [...this.svg.querySelectorAll("text")].filter(isOfTime)) text.remove();
    for (const tick of [...this.svg.querySelectorAll("path.rule")].filter((one) => one.getAttribute("d").endsWith("v4"))) tick.remove();
    const step = STEPS.find((one) => this.#span / one <= MOST_TICKS) ?? STEPS.at(-1);
    for (let time = Math.ceil(this.#from / step) * step; time <= this.#from + this.#span + 1e-6; time += step) {
      const x = LEFT + this.#x(time) * INNER;
      this.svg.append(made("path", { class: "rule", d: `M${x.toFixed(1)} ${bottom.toFixed(1)}v4` }));
      const text = made("text", { class: x > WIDTH - 24 ? "soft at-end" : "soft at-middle", x: x.toFixed(1), y: (bottom + 18).toFixed(1) });
      text.textContent = step < 1 ? `${Math.floor(time / 60)}:${(time % 60).toFixed(step < 0.1 ? 2 : 1).padStart(step < 0.1 ? 5 : 4, "0")}` : `${Math.floor(time / 60)}:${String(Math.round(time % 60)).padStart(2, "0")}`;
      this.svg.append(text);
    }
  }
}

function spanAt(spans, seconds) {
  return spans.find(([start, end]) => seconds >= start && seconds < end)?.[2] ?? "";
}

function made(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
