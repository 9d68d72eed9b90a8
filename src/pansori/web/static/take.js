// One take of a song on its page: its waveform with the sections, its words that light up, its stems.
import { colours, fetchPeaks, player, waveform } from "./player.js";
import { Mixer } from "./mixer.js";

const EARLY = 0.15; // s by which a line is brought up before it begins

export class Take {
  /** `colour`: of what has been played. `seek(take, seconds, playing)` is called where somebody points at a moment. */
  constructor(track, stage, body, { colour, words, seek }) {
    Object.assign(this, { track, stage, body, colour });
    this.tempo = Number(stage.dataset.tempo);
    this.bands = [...stage.querySelectorAll(".bands li")].map((element) => ({ element, name: element.dataset.name, ...times(element) }));
    this.lines = [...body.querySelectorAll(".line")].map((element) => ({ element, ...times(element), syllables: [...element.children].map((one) => ({ element: one, ...times(one) })) }));
    this.#place();
    const strips = body.querySelector(".strips");
    this.mixer = strips && new Mixer(strips, body.querySelector(".stems-state"), words, () => this.isHeard, (share) => seek(this, share * track.duration, true));
    this.#draw((share) => seek(this, share * track.duration));
    for (const part of [stage, body]) part.addEventListener("click", (event) => this.#clicked(event, seek));
  }

  close() {
    this.wave?.destroy();
    this.mixer?.close();
    this.closed = true;
  }

  /** Whether it is what the player has. */
  get isHeard() {
    return player.track?.id === this.track.id;
  }

  /** The section at that moment; undefined where none is. */
  sectionAt(seconds) {
    return this.bands.find((band) => seconds >= band.start && seconds < band.end);
  }

  async #draw(seek) {
    const { track } = this;
    const peaks = await fetchPeaks(track.peaks);
    if (this.closed) return;
    const drawn = { height: "auto", peaks: peaks.channels, duration: track.duration, barWidth: 3, barGap: 2, ...colours(this.colour) };
    this.wave = waveform(this.stage.querySelector(".wave-hero"), drawn);
    this.wave.on("click", seek);
    this.show(this.isHeard ? player.audio.currentTime : 0);
  }

  /** After the page's colours, or the room for it, have changed. */
  redraw() {
    this.wave?.setOptions(colours(this.colour));
  }

  #place() {
    const { duration } = this.track;
    for (const { element, start, end } of this.bands) {
      element.style.insetInlineStart = `${(100 * start) / duration}%`;
      element.style.inlineSize = `${(100 * (Math.min(end, duration) - start)) / duration}%`;
    }
    this.stage.querySelector(".bands")?.classList.add("placed");
  }

  /** A press with a key means the line; a pointer means the syllable that it is on. */
  #clicked(event, seek) {
    const section = event.target.closest("[data-seek]");
    const line = event.target.closest(".line");
    if (section) seek(this, Number(section.dataset.seek), true);
    else if (line) seek(this, Number((event.detail ? event.target.closest("[data-start]") : line).dataset.start), true);
  }

  /** Show it at that moment. */
  show(seconds) {
    const { track, isHeard } = this;
    this.wave?.getRenderer().renderProgress(Math.min(1, seconds / track.duration), false);
    for (const band of this.bands) band.element.classList.toggle("now", isHeard && seconds >= band.start && seconds < band.end);
    this.mixer?.show(isHeard ? seconds / track.duration : 0);
    this.#light(isHeard ? seconds : -1);
  }

  #light(seconds) {
    for (const line of this.lines) {
      const now = seconds >= line.start - EARLY && seconds < line.end;
      if (now && !line.element.classList.contains("now")) this.#bringUp(line.element);
      line.element.classList.toggle("now", now);
      line.element.classList.toggle("over", seconds >= line.end);
      for (const { element, start, end } of line.syllables) {
        element.classList.toggle("sung", seconds >= start && seconds < line.end);
        element.classList.toggle("singing", seconds >= start && seconds < end);
      }
    }
  }

  #bringUp(element) {
    const list = element.closest(".lines");
    if (list.scrollHeight <= list.clientHeight) return;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    list.scrollTo({ top: element.offsetTop - list.clientHeight / 2 + element.clientHeight / 2, behavior: still ? "auto" : "smooth" });
  }
}

/** The same moment of the song in another take: the same part of the same section where both have the same sections, else
 * the same beat, else the same second. */
export function sameMoment(seconds, from, to) {
  const [here, there] = [from.bands, to.bands];
  const alike = here.length > 0 && here.length === there.length && here.every((band, at) => band.name === there[at].name);
  const at = alike ? Math.max(0, here.findLastIndex((band) => band.start <= seconds)) : -1;
  let moment = seconds;
  if (alike) {
    const part = (seconds - here[at].start) / Math.max(0.001, here[at].end - here[at].start);
    moment = there[at].start + part * (there[at].end - there[at].start);
  } else if (from.tempo && to.tempo) moment = (seconds * from.tempo) / to.tempo;
  return Math.max(0, Math.min(moment, to.track.duration - 0.5));
}

function times(element) {
  return { start: Number(element.dataset.start), end: Number(element.dataset.end) };
}
