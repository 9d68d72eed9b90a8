// The page of conversations: what is said and answered, as it comes.

import { Conversation } from "./conversation.js";
import { player } from "./player.js";
import { Loudspeaker, Microphone } from "./voice.js";
import { put, wordsOf } from "./words.js";

const STATES = { speech_started: "hearing", speech_ended: "thinking", audio: "speaking" };

customElements.define(
  "talk-box",
  class extends HTMLElement {
    #words;
    #button;
    #state;
    #captions;
    #conversation = null;
    #microphone = null;
    #loudspeaker = null;
    #held = false;
    #sent = false; // something of what is said while the button is held
    #latest = 0;
    #leaving = new AbortController();

    connectedCallback() {
      this.#words = wordsOf("talk-words");
      this.#button = this.querySelector("[data-talk]");
      this.#state = this.querySelector(".talk-state");
      this.#captions = this.querySelector("[data-captions]");
      const on = (target, kind, act) => target.addEventListener(kind, act, { signal: this.#leaving.signal });
      on(this.#button, "click", () => this.#handsFree && (this.#microphone ? this.#end() : this.#begin()));
      on(this.#button, "pointerdown", (event) => this.#hold(event.pointerId));
      on(this.#button, "contextmenu", (event) => this.#handsFree || event.preventDefault()); // of one who holds it for long
      on(this.#button, "keydown", (event) => event.key === " " && !event.repeat && this.#hold());
      for (const kind of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) on(this.#button, kind, () => this.#release());
      on(this.#button, "keyup", (event) => event.key === " " && this.#release());
      on(this.querySelector("[data-hands-free]"), "change", () => this.#end());
      on(player.audio, "play", () => this.#hush());
      if (!globalThis.WebSocket) return void this.classList.add("wordless"); // the form does without
      on(this.querySelector("form"), "submit", (event) => this.#type(event));
      this.#label();
    }

    disconnectedCallback() {
      this.#leaving.abort();
      this.#end();
    }

    get #handsFree() {
      return this.querySelector("[data-hands-free]").checked;
    }

    // -- beginning and ending ------------

    async #begin() {
      if (!globalThis.isSecureContext || !navigator.mediaDevices) return this.#say("insecure", true);
      this.#say("connecting");
      try {
        this.#microphone = await Microphone.open(this.dataset.worklet, (sound) => this.#send(sound));
      } catch {
        this.#microphone = null;
        return this.#say("no_microphone", true);
      }
      this.#label();
      await this.#connect();
    }

    async #connect() {
      player.audio.pause();
      if (this.#conversation) return;
      this.#loudspeaker ??= new Loudspeaker(
        (turn, seconds) => this.#conversation?.tell("played", { turn, seconds }),
        () => this.dataset.state === "speaking" && this.#rest(),
      );
      await this.#loudspeaker.ready();
      if ("stranger" in this.dataset && (await fetch("/app/talk/enter", { method: "POST" })).ok) delete this.dataset.stranger;
      if (this.#conversation || !this.isConnected) return;
      const start = { rate: Microphone.rate, hands_free: this.#handsFree };
      this.#conversation = new Conversation(start, (message, sound) => this.#hear(message, sound), (state) => this.#connection(state));
    }

    #end() {
      this.#microphone?.close();
      this.#conversation?.close();
      this.#loudspeaker?.close();
      this.#microphone = this.#conversation = this.#loudspeaker = null;
      this.#held = false;
      for (const turn of this.#captions.querySelectorAll("[data-turn]")) delete turn.dataset.turn; // another session counts anew
      this.#latest = 0;
      if (this.isConnected) {
        this.#label();
        this.#say("");
      }
    }

    #label() {
      const words = this.#handsFree ? (this.#microphone ? "end" : "begin") : "hold";
      this.#button.querySelector("span").textContent = this.#words[words];
      this.#button.setAttribute("aria-pressed", String(this.#handsFree ? Boolean(this.#microphone) : this.#held));
    }

    #connection(state) {
      if (state === "over") this.#end();
      this.#say(state, state === "over");
    }

    /** The player plays: two do not sound at once. */
    #hush() {
      if (!this.#loudspeaker?.speaks) return;
      this.#conversation?.tell("cancel");
      this.#loudspeaker.silence();
    }

    // -- push to talk ------------

    async #hold(pointer) {
      if (this.#handsFree || this.#held) return;
      if (pointer !== undefined) this.#button.setPointerCapture(pointer);
      [this.#held, this.#sent] = [true, false];
      this.#label();
      player.audio.pause();
      if (!this.#microphone) await this.#begin();
    }

    #release() {
      if (this.#handsFree || !this.#held) return;
      this.#held = false;
      this.#label();
      if (this.#sent) this.#conversation?.tell("speech_end");
    }

    #send(sound) {
      if ((this.#handsFree || this.#held) && this.#conversation?.send(sound)) this.#sent = true;
    }

    async #type(event) {
      const field = this.querySelector("[name=text]");
      const text = field.value.trim();
      event.preventDefault();
      if (!text) return;
      await this.#connect();
      this.#conversation.tell("text", { text });
      field.value = "";
    }

    // -- what comes ------------

    #hear(message, sound) {
      this.#latest = Math.max(this.#latest, message.turn ?? 0);
      if (STATES[message.type]) this.#say(STATES[message.type]);
      switch (message.type) {
        case "ready":
          return this.#rest();
        case "speech_started":
          return void this.#turn(message.turn);
        case "partial":
        case "final":
          return this.#caption(message.turn, ".turn-you", message.text, message.type === "partial");
        case "reply":
          return this.#caption(message.turn, ".turn-reply", this.#turn(message.turn).querySelector(".turn-reply").textContent + message.delta);
        case "action":
          return this.#act(message);
        case "audio":
          return this.#loudspeaker?.play(message.turn, sound, message.rate);
        case "interrupted":
          this.#loudspeaker?.silence();
          return this.#interrupted(message);
        case "error":
          return this.#say(document.documentElement.lang === "ko" ? message.message_ko : message.message, true);
        case "done":
          return void this.#done(message);
      }
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
        return this.#say("nothing");
      }
      if (turn === this.#latest && state !== "failed" && !this.#loudspeaker?.speaks) this.#rest();
      const live = this.#turn(turn);
      const answer = await fetch(`/app/talk/turns/${id}/shown`, { headers: { Accept: "text/html" } }).catch(() => null);
      live.removeAttribute("aria-busy");
      if (!answer?.ok) return;
      const holder = document.createElement("template");
      holder.innerHTML = await answer.text();
      const links = live.querySelectorAll("a");
      const shown = holder.content.querySelector("li");
      shown.dataset.turn = turn;
      shown.querySelector(".turn-deeds").append(...links);
      live.replaceWith(shown);
      globalThis.htmx?.process?.(shown);
    }

    /** Nobody speaks, and nothing is to be answered. */
    #rest() {
      this.#say(this.#microphone ? "listening" : "ready");
    }

    #say(state, wrong = false) {
      this.#state.textContent = this.#words[state] ?? state;
      this.#state.classList.toggle("wrong", wrong);
      this.dataset.state = state in this.#words ? state : "";
    }
  },
);
