// Sending a file while one watches: how much of it is there, and what came of it. What is large goes piece by piece
// (tus 1.0), so that a connection that is lost costs a piece.

const AGAIN = [0, 1000, 3000, 10_000]; // ms before each attempt
const LARGE = 8 * 1024 * 1024; // bytes from which a file goes in pieces
const PIECE = 8 * 1024 * 1024;
const TUS = "/v1/uploads/tus";
const VERSION = { "Tus-Resumable": "1.0.0" };
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
  const form = new FormData();
  form.append("file", file, file.name);
  const answer = await patiently(() => post("POST", path, form, {}, watch, signal), signal);
  return parsed(answer.text);
}

/** Store the file, however large, and then let `begin(asset)` ask for what is to become of it; a small one is sent as
 * `send` does. `begin` gives what the server answers. */
export async function sendLarge(path, file, begin, { watch = () => {}, signal } = {}) {
  if (file.size < LARGE) return send(path, file, { watch, signal });
  return begin(await stored(file, watch, signal));
}

/** The id of the stored file. */
async function stored(file, watch, signal) {
  const headers = { ...VERSION, "Upload-Length": String(file.size), "Upload-Metadata": `filename ${base64(file.name)}` };
  const made = await patiently(() => post("POST", TUS, null, headers, () => {}, signal), signal);
  const place = new URL(made.header("Location"), location.href).pathname;
  signal?.addEventListener("abort", () => fetch(place, { method: "DELETE", headers: VERSION, keepalive: true }).catch(() => {}), { once: true });
  let offset = 0;
  for (;;) {
    const answer = await patiently(() => piece(place, file, offset, watch, signal), signal, async () => (offset = await reached(place, offset)));
    offset = Number(answer.header("Upload-Offset"));
    if (offset >= file.size) return answer.header("Content-Location").split("/").at(-1);
  }
}

function piece(place, file, offset, watch, signal) {
  const headers = { ...VERSION, "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" };
  const told = (_, bytes) => watch((offset + bytes) / file.size, offset + bytes);
  return post("PATCH", place, file.slice(offset, offset + PIECE), headers, told, signal);
}

/** How much of it the server has, where it answers. */
async function reached(place, before) {
  const answer = await fetch(place, { method: "HEAD", headers: VERSION }).catch(() => null);
  return answer?.ok ? Number(answer.headers.get("Upload-Offset")) : before;
}

/** Try several times while no answer comes; `before` each other attempt. Throws `NotSent`. */
async function patiently(attempt, signal, before = async () => {}) {
  for (const pause of AGAIN) {
    await new Promise((go) => setTimeout(go, pause));
    signal?.throwIfAborted();
    if (pause) await before();
    const answer = await attempt();
    if (answer.status === LOST) continue;
    if (answer.status < 300) return answer;
    const told = parsed(answer.text);
    throw new NotSent(answer.status, reason(told));
  }
  throw new NotSent(LOST, "");
}

/** What was wrong, for people: of a file that was refused neither the field's name nor how programs would send it. */
function reason({ field, detail, cure }) {
  return field ? (detail ?? "").replace(`${field}: `, "") : [detail, cure].filter(Boolean).join(" ");
}

/** By XMLHttpRequest, which tells how much has been sent. */
function post(method, path, body, headers, watch, signal) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open(method, path);
    const all = { Accept: "application/json", "Accept-Language": document.documentElement.lang, ...headers };
    for (const [name, value] of Object.entries(all)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => event.lengthComputable && watch(event.loaded / event.total, event.loaded));
    request.addEventListener("load", () => done({ status: request.status, text: request.responseText, header: (name) => request.getResponseHeader(name) }));
    request.addEventListener("error", () => done({ status: LOST, text: "" }));
    request.addEventListener("abort", () => failed(new DOMException("cancelled", "AbortError")));
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });
}

/** Of text in UTF-8. */
function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
