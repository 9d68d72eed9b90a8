// Both ends of the sound of a conversation: the microphone, and a loudspeaker that can be silenced at once.

const SPEECH = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
const HIGHEST = 48_000; // samples a second that are sent
const AHEAD = 0.05; // seconds that the first sound waits, so that the next one is there in time

/** What both ends hang on. It runs at the rate of this machine's devices, which not every browser converts. */
export function soundContext() {
  const context = new AudioContext();
  if (context.sampleRate <= HIGHEST) return context;
  context.close();
  return new AudioContext({ sampleRate: HIGHEST });
}

/** What the microphone hears, as buffers of 16-bit samples at the context's rate. */
export class Microphone {
  #stream;
  #node;

  /** `hear(buffer)` is called with each piece, also before this returns; `taken()` once where the microphone goes away.
   * Throws what the browser throws where there is none to be had. */
  static async open(context, worklet, hear, taken) {
    const loaded = context.audioWorklet.addModule(worklet);
    loaded.catch(() => {}); // it is awaited below, if it comes to that
    const microphone = new Microphone();
    microphone.#stream = await navigator.mediaDevices.getUserMedia({ audio: SPEECH });
    try {
      await loaded;
      const node = (microphone.#node = new AudioWorkletNode(context, "microphone", { numberOfOutputs: 0 }));
      node.port.onmessage = ({ data }) => hear(data);
      context.createMediaStreamSource(microphone.#stream).connect(node);
      await context.resume();
    } catch (error) {
      microphone.close();
      throw error;
    }
    for (const track of microphone.#stream.getTracks()) track.onended = taken;
    return microphone;
  }

  close() {
    for (const track of this.#stream.getTracks()) track.stop();
    if (this.#node) this.#node.port.onmessage = null;
  }
}

/** Plays sentences one after the other, without a gap. `heard(turn, seconds)` is told how much of a turn was played, and
 * `quiet()` that all is said. */
export class Loudspeaker {
  #context;
  #playing = [];
  #free = 0;
  #isQuiet = true;
  #timer;

  constructor(context, heard, quiet) {
    this.#context = context;
    this.#timer = setInterval(() => {
      if (this.#isQuiet) return;
      this.#isQuiet = !this.speaks;
      const turn = this.#playing.at(-1).turn;
      heard(turn, this.played(turn));
      if (this.#isQuiet) quiet();
    }, 200);
  }

  /** `pcm`: a buffer of 16-bit samples. */
  play(turn, pcm, rate) {
    const samples = new Int16Array(pcm);
    const buffer = this.#context.createBuffer(1, Math.max(1, samples.length), rate);
    buffer.getChannelData(0).set(Float32Array.from(samples, (sample) => sample / 32_768));
    const source = new AudioBufferSourceNode(this.#context, { buffer });
    source.connect(this.#context.destination);
    const at = Math.max(this.#context.currentTime + AHEAD, this.#free);
    source.start(at);
    this.#free = at + buffer.duration;
    this.#playing = this.#playing.filter((one) => one.turn === turn);
    this.#playing.push({ turn, source, at, duration: buffer.duration }); // those before it count as heard until then
    this.#isQuiet = false;
  }

  /** Seconds of a turn that were heard. */
  played(turn) {
    const now = this.#context.currentTime;
    const heard = (one) => Math.min(Math.max(now - one.at, 0), one.duration);
    return this.#playing.filter((one) => one.turn === turn).reduce((sum, one) => sum + heard(one), 0);
  }

  get speaks() {
    return this.#context.currentTime < this.#free;
  }

  silence() {
    for (const { source } of this.#playing) source.stop();
    this.#playing = [];
    this.#free = 0;
    this.#isQuiet = true;
  }

  close() {
    clearInterval(this.#timer);
    this.silence();
  }
}
