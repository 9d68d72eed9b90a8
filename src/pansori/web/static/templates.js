// A template's blanks show what is typed into their fields.

class TemplateCard extends HTMLElement {
  connectedCallback() {
    this.addEventListener("input", (event) => this.#typed(event.target));
  }

  #typed(field) {
    if (!field.name.startsWith("v.")) return;
    const name = field.name.slice(2);
    for (const blank of this.querySelectorAll("mark")) {
      if (blank.dataset.blank === name) blank.textContent = field.value.trim() || blank.dataset.default;
    }
  }
}

customElements.define("template-card", TemplateCard);
