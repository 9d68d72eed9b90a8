// A conversation over `/v1/voice`, which goes on where its connection breaks.

const AGAIN = [250, 1000, 2000, 5000, 10_000]; // ms before each attempt to connect anew
const LOST = [1001, 1005, 1006, 1011, 1012]; // how connections end that were not meant to (RFC 6455 §7.4.1)
const [NORMAL, REFUSED] = [1000, 1008];

export class Conversation {
  #start;
  #hear;
  #tell;
  #socket = null;
  #session = "";
  #conversation = "";
  #greeted = false;
  #number = 0;
  #waiting = null;
  #unsent = [];
  #attempts = 0;
  #over = false;

  /** `hear(message, sound)`: what comes. `tell(state)`: `lost` where the connection broke, `over` at the end. */
  constructor(start, hear, tell) {
    this.#start = start;
    this.#hear = hear;
    this.#tell = tell;
    this.#connect();
  }

  tell(type, fields = {}) {
    this.#send(JSON.stringify({ type, ...fields }));
  }

  /** Sound; what cannot go now is of no use later. Returns whether it went. */
  send(sound) {
    if (this.#isOpen) this.#socket.send(sound);
    return this.#isOpen;
  }

  close() {
    this.#over = true;
    if (this.#isOpen) this.tell("stop");
    this.#socket.close(NORMAL);
  }

  get #isOpen() {
    return this.#greeted && this.#socket.readyState === WebSocket.OPEN;
  }

  #send(message) {
    if (this.#isOpen) this.#socket.send(message);
    else this.#unsent.push(message);
  }

  #connect() {
    const address = `${location.protocol.replace("http", "ws")}//${location.host}/v1/voice`;
    const socket = (this.#socket = new WebSocket(address));
    this.#greeted = false;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => socket.send(JSON.stringify({ type: "start", ...this.#start, ...this.#again() }));
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code }) => this.#closed(code);
  }

  /** How to go on: where it broke off, or in another session of the same conversation. */
  #again() {
    if (this.#session) return { resume: this.#session, after: this.#number };
    return this.#conversation ? { conversation_id: this.#conversation } : {};
  }

  #receive(data) {
    if (typeof data !== "string") {
      const message = this.#waiting;
      this.#waiting = null;
      return message && this.#take(message, data);
    }
    const message = JSON.parse(data);
    if (message.type === "ready") this.#ready(message);
    if (message.type === "bye") this.#over = message.reason !== "closing"; // a server that ends may come again
    if (message.type === "audio") this.#waiting = message; // it has not arrived before its sound has
    else if (this.#greeted || !this.#session) this.#take(message);
  }

  #take(message, sound) {
    this.#number = message.n ?? this.#number;
    this.#hear(message, sound);
  }

  #ready({ session, conversation_id }) {
    [this.#session, this.#conversation, this.#greeted, this.#attempts] = [session, conversation_id, true, 0];
    for (const unsent of this.#unsent.splice(0)) this.#socket.send(unsent);
  }

  #closed(code) {
    const gone = code === REFUSED && this.#session && !this.#greeted; // the session that it was to go on with
    if (gone) [this.#session, this.#number] = ["", 0];
    const delay = AGAIN[this.#attempts++];
    if (this.#over || !(gone || LOST.includes(code)) || delay === undefined) {
      if (!this.#over) this.#tell("over");
      this.#over = true;
      return;
    }
    this.#tell("lost");
    setTimeout(() => this.#over || this.#connect(), gone ? 0 : delay);
  }
}
