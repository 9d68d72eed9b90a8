// In the audio thread: what the microphone hears, as 16-bit samples in pieces of about a thirtieth of a second.

const PIECE = 2048;

class Microphone extends AudioWorkletProcessor {
  #piece = new Int16Array(PIECE);
  #filled = 0;

  process([[samples]]) {
    for (const sample of samples ?? []) {
      this.#piece[this.#filled++] = Math.max(-1, Math.min(1, sample)) * 32_767;
      if (this.#filled < PIECE) continue;
      this.port.postMessage(this.#piece.buffer, [this.#piece.buffer]);
      this.#piece = new Int16Array(PIECE);
      this.#filled = 0;
    }
    return true;
  }
}

registerProcessor("microphone", Microphone);
