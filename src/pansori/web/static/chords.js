// Chords that pass by while the sound goes on: the one that sounds stands in the middle.

const SPEED = 56; // pixels a second

export class Chords {
  #spans = [];
  #now = -1;

  /** `play(seconds)` is called where a chord was pressed. */
  constructor(lane, play) {
    this.lane = lane;
    this.strip = lane.firstElementChild;
    lane.addEventListener("click", (event) => {
      const start = event.target.closest("[data-start]")?.dataset.start;
      if (start !== undefined) play(Number(start));
    });
  }

  take({ chords }) {
    this.#spans = chords.map(([start, end, name]) => {
      const element = document.createElement("span");
      element.textContent = name;
      element.dataset.start = String(start);
      element.style.insetInlineStart = `${start * SPEED}px`;
      element.style.inlineSize = `${Math.max(2, (end - start) * SPEED - 2)}px`;
      return { element, start, end };
    });
    this.strip.replaceChildren(...this.#spans.map(({ element }) => element));
  }

  show(seconds, heard) {
    this.strip.style.transform = `translateX(${(this.lane.clientWidth / 2 - seconds * SPEED).toFixed(1)}px)`;
    const at = heard ? this.#spans.findIndex(({ start, end }) => seconds >= start && seconds < end) : -1;
    if (at === this.#now) return;
    this.#spans[this.#now]?.element.classList.remove("now");
    this.#spans[at]?.element.classList.add("now");
    this.#now = at;
  }
}
