// Sending a file while one watches: how much of it is there, and what came of it.

const AGAIN = [0, 1000, 3000, 10_000]; // ms before each attempt
const LOST = 0; // status where there was no answer

export class NotSent extends Error {
  constructor(status, words) {
    super(words);
    this.status = status;
  }
}

/** Post the file as the field `file` of a form; gives what the server answers. `watch(share, bytes)` is told of
 * progress, 0 to 1. Throws `NotSent` with the server's words, which are empty where the connection was lost for good,
 * and `AbortError` after `signal`. */
export async function send(path, file, { watch = () => {}, signal } = {}) {
  for (const pause of AGAIN) {
    await new Promise((go) => setTimeout(go, pause));
    signal?.throwIfAborted();
    const answer = await post(path, file, watch, signal);
    if (answer.status === LOST) continue;
    const told = parsed(answer.text);
    if (answer.status < 300) return told;
    throw new NotSent(answer.status, [told.detail, told.cure].filter(Boolean).join(" "));
  }
  throw new NotSent(LOST, "");
}

/** By XMLHttpRequest, which tells how much has been sent. */
function post(path, file, watch, signal) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Accept-Language", document.documentElement.lang);
    request.upload.addEventListener("progress", (event) => event.lengthComputable && watch(event.loaded / event.total, event.loaded));
    request.addEventListener("load", () => done({ status: request.status, text: request.responseText }));
    request.addEventListener("error", () => done({ status: LOST, text: "" }));
    request.addEventListener("abort", () => failed(new DOMException("cancelled", "AbortError")));
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    const form = new FormData();
    form.append("file", file, file.name);
    request.send(form);
  });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
