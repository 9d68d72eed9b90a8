// The words that scripts say, which come with each page in the reader's language.

let known = {};

export function readWords() {
  const place = document.getElementById("words");
  if (place) known = JSON.parse(place.textContent);
  return known;
}

/** Words of a page's own: `wordsOf("make-words")`. */
export function wordsOf(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

/** `%` is where the value goes. */
export const put = (words, value) => words.replace("%", value);

/** Name what stays while pages change: `data-word` is the accessible name, `data-text` the text. */
export function labelAll(root) {
  for (const element of root.querySelectorAll("[data-word]")) {
    const words = known[element.dataset.word];
    if (!words) continue;
    element.setAttribute("aria-label", words);
    if (element.matches("button")) element.title = words;
  }
  for (const element of root.querySelectorAll("[data-text]")) {
    if (known[element.dataset.text]) element.textContent = known[element.dataset.text];
  }
}

export const clock = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
};

/** The server's refusal in its own words; a status of 0: there was no answer. */
export class Refused extends Error {
  constructor(status, told) {
    super(told.detail || String(status));
    this.status = status;
    this.told = told;
  }
}

/** What the server answers, in the page's language. Raises `Refused`, of which the frame is told too. */
export async function ask(path, { method = "GET", body, signal, keepalive = false } = {}) {
  const headers = { Accept: "application/json", "Accept-Language": document.documentElement.lang };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const options = { method, headers, signal, keepalive, body: body === undefined ? undefined : JSON.stringify(body) };
  const answer = await fetch(path, options).catch((error) => {
    if (error.name === "AbortError") throw error;
    return { ok: false, status: 0, json: async () => ({}) };
  });
  const told = answer.status === 204 ? {} : await answer.json().catch(() => ({})); // what stands before a server answers otherwise
  if (answer.ok) return told;
  document.dispatchEvent(new CustomEvent("pansori:refused", { detail: answer.status }));
  throw new Refused(answer.status, told);
}
