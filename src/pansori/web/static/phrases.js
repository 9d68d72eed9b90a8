// What of a prompt says what, by its phrases.

const SAYS = {
  tempo: /BPM/i,
  key: /[장단]조|\b(major|minor)\b/i,
  voice: /보컬|목소리|노래|\bvocals?\b|\bvoice\b|\bsung\b|\bsing/i,
};
const AND = "(?:와|과|,| and|랑|이랑)";

/** The prompt without the phrases, between commas and stops, that say this; of several instruments without that one. */
export function without(prompt, kind, text) {
  const says = SAYS[kind] ?? (text ? new RegExp(escaped(text), "i") : /$^/);
  const parts = prompt.split(/(\s*[,.](?:\s+|$))/);
  let left = "";
  for (let at = 0; at < parts.length; at += 2) {
    const [phrase, end] = [parts[at], parts[at + 1] ?? ""];
    if (!says.test(phrase)) left += phrase + end;
    else if (kind === "instruments") {
      const one = escaped(text);
      const fewer = phrase.replace(new RegExp(`${one}${AND}\\s*`, "i"), "").replace(new RegExp(`${AND}\\s*${one}`, "i"), "");
      if (fewer !== phrase) left += fewer + end;
    }
  }
  return left.replace(/[,\s]+$/, "");
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
