// A conversation over `/v1/voice`, which goes on where its connection breaks.

const AGAIN = [250, 1000, 2000, 5000, 10_000]; // ms before each attempt to connect anew
const LOST = [1001, 1005, 1006, 1011, 1012]; // how connections end that were not meant to (RFC 6455 §7.4.1)
const [NORMAL, REFUSED] = [1000, 1008];
const WAITING = 2 * 1024 * 1024; // bytes of sound that wait for a connection: twenty seconds and more

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
  #refusal = null;
  #over = false;

  /** `hear(message, sound)`: what comes. `tell(state, error)`: `lost` where the connection broke; at the end why it is over:
   * `over`, with the error for which it could not begin, or what the server says in its good-bye. */
  constructor(start, hear, tell) {
    this.#start = start;
    this.#hear = hear;
    this.#tell = tell;
  }

  /** What is said before, and while the connection is lost, is sent as soon as there is one. */
  connect() {
    if (!this.isBegun && !this.#over) this.#connect();
  }

  get isBegun() {
    return this.#socket !== null;
  }

  tell(type, fields = {}) {
    this.#send(JSON.stringify({ type, ...fields }));
  }

  /** How much of a turn was heard, which is told again and again. */
  played(turn, seconds) {
    if (this.#isOpen) this.tell("played", { turn, seconds });
  }

  /** Sound, as a buffer. */
  send(sound) {
    this.#send(sound);
  }

  close() {
    this.#over = true;
    if (this.#isOpen) this.tell("stop");
    this.#socket?.close(NORMAL);
  }

  get #isOpen() {
    return this.#greeted && this.#socket.readyState === WebSocket.OPEN;
  }

  #send(message) {
    if (this.#isOpen) return this.#socket.send(message);
    this.#unsent.push(message);
    const sounds = this.#unsent.filter((one) => one instanceof ArrayBuffer);
    const size = sounds.reduce((sum, one) => sum + one.byteLength, 0);
    if (size > WAITING) this.#unsent.splice(this.#unsent.indexOf(sounds[0]), 1);
  }

  #connect() {
    const address = `${location.protocol.replace("http", "ws")}//${location.host}/v1/voice`;
    const socket = (this.#socket = new WebSocket(address));
    [this.#greeted, this.#waiting] = [false, null];
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
    if (message.type === "bye") this.#bye(message.reason);
    if (message.type === "error" && !this.#greeted) this.#refusal = message;
    if (message.type === "audio") this.#waiting = message; // it has not arrived before its sound has
    else if ("n" in message || !this.#session) this.#take(message); // what was missed comes before the greeting
  }

  #take(message, sound) {
    this.#number = message.n ?? this.#number;
    this.#hear(message, sound);
  }

  #ready({ session, conversation_id }) {
    [this.#session, this.#conversation, this.#greeted, this.#attempts] = [session, conversation_id, true, 0];
    this.#refusal = null;
    for (const unsent of this.#unsent.splice(0)) this.#socket.send(unsent);
  }

  #bye(reason) {
    if (reason === "closing") return; // a server that ends may come again
    this.#finish(reason === "stopped" ? "over" : reason);
  }

  #closed(code) {
    const gone = code === REFUSED && this.#session && !this.#greeted; // the session that it was to go on with
    if (gone) [this.#session, this.#number, this.#refusal] = ["", 0, null];
    const delay = AGAIN[this.#attempts++];
    if (!(gone || LOST.includes(code)) || delay === undefined) this.#finish("over");
    if (this.#over) return;
    this.#tell("lost");
    setTimeout(() => this.#over || this.#connect(), gone ? 0 : delay);
  }

  /** Once; never where the page itself has ended it. */
  #finish(reason) {
    if (this.#over) return;
    this.#over = true;
    this.#tell(reason, this.#refusal);
  }
}
