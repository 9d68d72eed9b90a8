// The page of conversations: what is said and answered, as it comes.

import { Conversation } from "./conversation.js";
import { player } from "./player.js";
import { Loudspeaker, Microphone, soundContext } from "./voice.js";
import { put, wordsOf } from "./words.js";

const STATES = { speech_started: "hearing", speech_ended: "thinking", audio: "speaking" };
const CALM = ["idle", "replaced", "elsewhere"]; // ends that are nobody's fault
const NO_MICROPHONE = { NotAllowedError: "refused", SecurityError: "refused", NotReadableError: "taken", AbortError: "taken" };

customElements.define(
  "talk-box",
  class extends HTMLElement {
    #words;
    #button;
    #state;
    #captions;
    #context = null;
    #conversation = null;
    #microphone = null;
    #loudspeaker = null;
    #opens = false; // the microphone
    #held = false;
    #sent = false; // something of what is said while the button is held
    #latest = 0;
    #windows = new BroadcastChannel("pansori-talk"); // of this page, of which one talks at a time
    #leaving = new AbortController();

    connectedCallback() {
      this.#words = wordsOf("talk-words");
      this.#button = this.querySelector("[data-talk]");
      this.#state = this.querySelector(".talk-state");
      this.#captions = this.querySelector("[data-captions]");
      const on = (target, kind, act) => target.addEventListener(kind, act, { signal: this.#leaving.signal });
      on(this.#button, "click", () => this.#handsFree && (this.#listens ? this.#end() : this.#begin()));
      on(this.#button, "pointerdown", (event) => this.#hold(event.pointerId));
      on(this.#button, "contextmenu", (event) => this.#handsFree || event.preventDefault()); // of one who holds it for long
      on(this.#button, "keydown", (event) => event.key === " " && !event.repeat && this.#hold());
      for (const kind of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) on(this.#button, kind, () => this.#release());
      on(this.#button, "keyup", (event) => event.key === " " && this.#release());
      on(this.querySelector("[data-hands-free]"), "change", () => this.#end());
      on(player.audio, "play", () => this.#hush());
      on(this.#windows, "message", () => this.#end("elsewhere"));
      on(globalThis, "pagehide", () => this.#end()); // a page that comes back from the browser's memory begins anew
      if (!globalThis.WebSocket) return void this.classList.add("wordless"); // the form does without
      on(this.querySelector("form"), "submit", (event) => this.#type(event));
      this.#label();
    }

    disconnectedCallback() {
      this.#leaving.abort();
      this.#windows.close();
      this.#end();
    }

    get #handsFree() {
      return this.querySelector("[data-hands-free]").checked;
    }

    get #listens() {
      return this.#opens || this.#microphone !== null;
    }

    // -- beginning and ending ------------

    /** What the microphone hears from its first sample on is kept until there is somebody to send it to. */
    async #begin() {
      if (!globalThis.isSecureContext || !navigator.mediaDevices) return this.#say("insecure", true);
      const conversation = this.#prepare();
      this.#opens = true;
      this.#label();
      if (!conversation.isBegun) this.#say("connecting");
      const isOver = () => this.#conversation !== conversation;
      try {
        const [hear, taken] = [(sound) => isOver() || this.#send(sound), () => isOver() || this.#end("taken")];
        const microphone = await Microphone.open(this.#context, this.dataset.worklet, hear, taken);
        if (isOver()) return microphone.close();
        this.#microphone = microphone;
      } catch (error) {
        return isOver() || this.#refuse(NO_MICROPHONE[error.name] ?? "no_microphone");
      }
      this.#opens = false;
      if (conversation.isBegun) this.#rest();
      await this.#connect();
    }

    /** There is no microphone. A conversation in writing goes on. */
    #refuse(why) {
      if (!this.#conversation.isBegun) return this.#end(why);
      this.#opens = false;
      this.#label();
      this.#say(why, true);
    }

    #prepare() {
      player.audio.pause();
      if (this.#conversation) return this.#conversation;
      this.#windows.postMessage("talks");
      this.#context = soundContext();
      this.#loudspeaker = new Loudspeaker(
        this.#context,
        (turn, seconds) => this.#conversation.played(turn, seconds),
        () => this.dataset.state === "speaking" && this.#rest(),
      );
      const start = { rate: this.#context.sampleRate, hands_free: this.#handsFree };
      this.#conversation = new Conversation(start, (message, sound) => this.#hear(message, sound), (state, error) => this.#connection(state, error));
      return this.#conversation;
    }

    async #connect() {
      const conversation = this.#prepare();
      this.#context.resume(); // which waits where a browser wants to be touched first
      if ("stranger" in this.dataset && (await fetch("/app/talk/enter", { method: "POST" }).catch(() => null))?.ok) delete this.dataset.stranger;
      conversation.connect(); // unless it was ended meanwhile
    }

    /** `why`: what is said of it; nothing where that was wanted. */
    #end(why = "", words = why) {
      if (why && !this.#conversation) return;
      this.#microphone?.close();
      this.#conversation?.close();
      this.#loudspeaker?.close();
      this.#context?.close();
      this.#microphone = this.#conversation = this.#loudspeaker = this.#context = null;
      this.#opens = this.#held = false;
      this.#countAnew();
      if (!this.isConnected) return;
      this.#label();
      this.#say(words, Boolean(why) && !CALM.includes(why));
    }

    /** Another session counts its turns from one. */
    #countAnew() {
      for (const turn of this.#captions.querySelectorAll("[data-turn]")) {
        delete turn.dataset.turn;
        turn.removeAttribute("aria-busy");
      }
      this.#latest = 0;
    }

    #label() {
      const words = this.#handsFree ? (this.#listens ? "end" : "begin") : "hold";
      this.#button.querySelector("span").textContent = this.#words[words];
      this.#button.setAttribute("aria-pressed", String(this.#handsFree ? this.#listens : this.#held));
    }

    #connection(state, error) {
      if (state === "lost") this.#say(state);
      else this.#end(state, error ? this.#told(error) : state);
    }

    /** The player plays: two do not sound at once. */
    #hush() {
      if (!this.#loudspeaker?.speaks) return;
      this.#conversation.tell("cancel");
      this.#loudspeaker.silence();
    }

    // -- push to talk ------------

    async #hold(pointer) {
      if (this.#handsFree || this.#held) return;
      if (pointer !== undefined) this.#button.setPointerCapture(pointer);
      [this.#held, this.#sent] = [true, false];
      this.#label();
      player.audio.pause();
      if (!this.#listens) await this.#begin();
    }

    #release() {
      if (this.#handsFree || !this.#held) return;
      this.#held = false;
      this.#label();
      if (this.#sent) this.#conversation?.tell("speech_end");
    }

    #send(sound) {
      if (!this.#handsFree && !this.#held) return;
      this.#conversation.send(sound);
      this.#sent = true;
    }

    async #type(event) {
      const field = this.querySelector("[name=text]");
      const text = field.value.trim();
      event.preventDefault();
      if (!text) return;
      this.#prepare().tell("text", { text });
      field.value = "";
      await this.#connect();
    }

    // -- what comes ------------

    #hear(message, sound) {
      this.#latest = Math.max(this.#latest, message.turn ?? 0);
      if (STATES[message.type]) this.#say(STATES[message.type]);
      switch (message.type) {
        case "ready":
          if (!message.resumed) this.#countAnew();
          return this.#loudspeaker.speaks || this.#rest();
        case "partial":
        case "final":
          return message.text && this.#caption(message.turn, ".turn-you", message.text, message.type === "partial");
        case "reply":
          return this.#caption(message.turn, ".turn-reply", this.#turn(message.turn).querySelector(".turn-reply").textContent + message.delta);
        case "action":
          return this.#act(message);
        case "audio":
          player.audio.pause();
          return this.#loudspeaker.play(message.turn, sound, message.rate);
        case "interrupted":
          this.#loudspeaker.silence();
          if (this.dataset.state === "speaking") this.#rest();
          return this.#interrupted(message);
        case "error":
          return this.#wrong(message);
        case "done":
          return void this.#done(message);
      }
    }

    /** Of a turn it stands there too: what is said of the state is soon said of the next one. */
    #wrong(error) {
      const words = this.#told(error);
      this.#say(words, true);
      if (error.turn) this.#turn(error.turn).append(Object.assign(document.createElement("p"), { className: "hint turn-told", textContent: words }));
    }

    #told(error) {
      return document.documentElement.lang === "ko" ? error.message_ko : error.message;
    }

    #turn(number) {
      let turn = this.#captions.querySelector(`[data-turn="${number}"]`);
      if (!turn) {
        turn = document.createElement("li");
        turn.className = "turn";
        turn.dataset.turn = number;
        turn.setAttribute("aria-busy", "true"); // it is read out once it is over
        for (const name of ["turn-you", "turn-reply"]) turn.append(Object.assign(document.createElement("p"), { className: name }));
        this.#captions.prepend(turn);
      }
      return turn;
    }

    #caption(number, place, text, partial = false) {
      const words = this.#turn(number).querySelector(place);
      words.textContent = text;
      words.classList.toggle("partial", partial);
    }

    /** How far an answer came, of a turn that may be over already. */
    #interrupted({ turn, heard }) {
      const shown = this.#turn(turn);
      if (shown.querySelector(".turn-heard")) return;
      const text = heard ? put(this.#words.interrupted, heard) : this.#words.interrupted_at_once;
      shown.querySelector(".turn-reply")?.after(Object.assign(document.createElement("p"), { className: "hint turn-heard", textContent: text }));
    }

    #act({ turn, name, facts }) {
      const [words, path] = {
        make_song: ["make_song", `/app/jobs/${facts.job_id}`],
        analyse: ["analyse", `/app/analyses/${facts.job_id}`],
        play: ["play", `/app/tracks/${facts.track_id}`],
      }[name] ?? [];
      if (!words || path.endsWith("undefined")) return;
      const link = Object.assign(document.createElement("a"), { href: path, textContent: this.#words[words] });
      this.#turn(turn).append(link);
    }

    /** The turn as the server shows it, with its sounds and where its time went. */
    async #done({ turn, turn_id: id, state }) {
      if (state === "nothing") {
        this.#captions.querySelector(`[data-turn="${turn}"]`)?.remove();
        return turn === this.#latest && this.#say("nothing");
      }
      if (turn === this.#latest && state !== "failed" && !this.#loudspeaker?.speaks) this.#rest();
      const live = this.#turn(turn);
      const answer = await fetch(`/app/talk/turns/${id}/shown`, { headers: { Accept: "text/html" } }).catch(() => null);
      live.removeAttribute("aria-busy");
      if (!answer?.ok) return;
      const holder = document.createElement("template");
      holder.innerHTML = await answer.text();
      const shown = holder.content.querySelector("li");
      if (live.dataset.turn) shown.dataset.turn = turn;
      shown.querySelector(".turn-deeds").append(...live.querySelectorAll("a"));
      const heard = live.querySelector(".turn-heard"); // of one that was interrupted meanwhile
      if (heard && !shown.querySelector(".turn-heard")) shown.querySelector(".turn-reply")?.after(heard);
      if (!shown.querySelector(".error")) shown.querySelector(".turn-deeds").before(...live.querySelectorAll(".turn-told"));
      live.replaceWith(shown);
      globalThis.htmx?.process?.(shown);
    }

    /** Nobody speaks, and nothing is to be answered. */
    #rest() {
      this.#say(this.#listens && this.#handsFree ? "listening" : "ready");
    }

    #say(state, wrong = false) {
      this.#state.textContent = this.#words[state] ?? state;
      this.#state.classList.toggle("wrong", wrong);
      this.dataset.state = state in this.#words ? state : "";
    }
  },
);
