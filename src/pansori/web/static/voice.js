// Both ends of the sound of a conversation: the microphone, and a loudspeaker that can be silenced at once.

const SPEECH = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
const RATE = 48_000;
const AHEAD = 0.05; // seconds that the first sound waits, so that the next one is there in time

/** What the microphone hears, as buffers of 16-bit samples. */
export class Microphone {
  #stream;
  #context;

  /** `hear(buffer)` is called with each piece. Throws what the browser throws where there is none to be had. */
  static async open(worklet, hear) {
    const microphone = new Microphone();
    microphone.#stream = await navigator.mediaDevices.getUserMedia({ audio: SPEECH });
    microphone.#context = new AudioContext({ sampleRate: RATE });
    await microphone.#context.audioWorklet.addModule(worklet);
    const node = new AudioWorkletNode(microphone.#context, "microphone", { numberOfOutputs: 0 });
    node.port.onmessage = ({ data }) => hear(data);
    microphone.#context.createMediaStreamSource(microphone.#stream).connect(node);
    await microphone.#context.resume();
    return microphone;
  }

  static get rate() {
    return RATE;
  }

  close() {
    for (const track of this.#stream.getTracks()) track.stop();
    this.#context.close();
  }
}

/** Plays sentences one after the other, without a gap. `heard(turn, seconds)` is told how much of a turn was played, and
 * `quiet()` that all is said. */
export class Loudspeaker {
  #context = new AudioContext();
  #playing = [];
  #free = 0;
  #timer;

  constructor(heard, quiet) {
    this.#timer = setInterval(() => {
      const turn = this.#playing.at(-1)?.turn;
      if (turn === undefined) return;
      heard(turn, this.played(turn));
      if (this.speaks) return;
      this.#playing = [];
      quiet();
    }, 200);
  }

  async ready() {
    await this.#context.resume();
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
    this.#playing.push({ turn, source, at, duration: buffer.duration });
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
  }

  close() {
    clearInterval(this.#timer);
    this.silence();
    this.#context.close();
  }
}
