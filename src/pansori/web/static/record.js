// Recording with the microphone, for whichever page wants a take.

const TYPES = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"]; // what browsers have, the best first
const ENDINGS = { "audio/webm": "webm", "audio/ogg": "ogg", "audio/mp4": "m4a" };
const SPEECH = { echoCancellation: false, noiseSuppression: false, autoGainControl: false }; // it is going to be measured

/** Whether this browser records here at all: it does only on pages that nobody can listen to on their way. */
export const canRecord = () => Boolean(navigator.mediaDevices?.getUserMedia && globalThis.MediaRecorder);

/** One take. Events: `time` ten times a second. */
export class Take extends EventTarget {
  #stream = null;
  #recorder = null;
  #parts = [];
  #context = null;
  #analyser = null;
  #begun = 0;
  #timer = 0;

  /** Ask for the microphone and begin. Throws what the browser throws where it is refused or not there. */
  async start() {
    this.#stream = await navigator.mediaDevices.getUserMedia({ audio: SPEECH });
    const type = TYPES.find((one) => MediaRecorder.isTypeSupported(one));
    this.#recorder = new MediaRecorder(this.#stream, type ? { mimeType: type, audioBitsPerSecond: 128_000 } : {});
    this.#recorder.addEventListener("dataavailable", (event) => event.data.size && this.#parts.push(event.data));
    this.#context = new AudioContext();
    this.#analyser = new AnalyserNode(this.#context, { fftSize: 1024 });
    this.#context.createMediaStreamSource(this.#stream).connect(this.#analyser);
    this.#recorder.start(1000); // a part a second, so that little is lost with a page
    this.#begun = performance.now();
    this.#timer = setInterval(() => this.dispatchEvent(new Event("time")), 100);
  }

  get seconds() {
    return this.#begun ? (performance.now() - this.#begun) / 1000 : 0;
  }

  /** How loud it is now, 0 to 1. */
  get level() {
    if (!this.#analyser) return 0;
    const samples = new Float32Array(this.#analyser.fftSize);
    this.#analyser.getFloatTimeDomainData(samples);
    return Math.min(1, Math.max(...samples.map(Math.abs)));
  }

  /** End it. The file is called `name`, with the ending that its type has. */
  stop(name) {
    return new Promise((done) => {
      this.#recorder.addEventListener(
        "stop",
        () => {
          const type = (this.#recorder.mimeType || "audio/webm").split(";")[0];
          done(new File(this.#parts, `${name}.${ENDINGS[type] ?? "webm"}`, { type }));
          this.discard();
        },
        { once: true },
      );
      this.#recorder.stop();
    });
  }

  /** End it and keep nothing. */
  discard() {
    clearInterval(this.#timer);
    if (this.#recorder?.state === "recording") this.#recorder.stop();
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#context?.close();
    this.#context = null;
    this.#analyser = null;
    this.#begun = 0;
  }
}

/** Draw a level meter: the last levels as bars, the newest at the end. `colour`: as CSS has it. */
export function drawLevels(canvas, levels, colour) {
  const paint = canvas.getContext("2d");
  const { width, height } = canvas;
  paint.clearRect(0, 0, width, height);
  paint.fillStyle = colour;
  const shown = levels.slice(-Math.floor(width / 4));
  shown.forEach((level, at) => {
    const tall = Math.max(2, level * height);
    paint.fillRect(width - (shown.length - at) * 4, (height - tall) / 2, 2, tall);
  });
}
