// Stars: changed where they stand, so that what plays and what was opened stays as it is.
import { ask, Refused } from "./words.js";

/** Turn the star of a `[data-star]` form on or off; `gone` is called where the song was deleted elsewhere. */
export async function star(form, gone) {
  const on = form.querySelector("button").getAttribute("aria-pressed") !== "true";
  mark(form, on);
  try {
    await ask(`/v1/tracks/${form.dataset.star}`, { method: "PATCH", body: { favourite: on } });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    mark(form, !on);
    if (error.status === 404) gone();
  }
}

function mark(form, on) {
  form.querySelector("button").setAttribute("aria-pressed", on);
  form.elements.favourite.value = on ? 0 : 1;
}
