// A password that is shown while somebody wants to see it. It goes out hidden, so that browsers keep it as what it is.

class PasswordField extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input");
    this.button = this.querySelector("button");
    this.button.addEventListener("click", () => this.#show(this.input.type === "password"));
    this.input.form?.addEventListener("submit", () => this.#show(false));
  }

  #show(shown) {
    this.input.type = shown ? "text" : "password";
    this.button.setAttribute("aria-pressed", shown);
    if (shown) this.input.focus();
  }
}

customElements.define("password-field", PasswordField);
