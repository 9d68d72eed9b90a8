// Moments as the reader's clock has them: the server tells them in UTC, and what was just now is so no longer in a while.
import { put, readWords } from "./words.js";

const WEEK = 7 * 86400; // seconds: what is nearer is told by its distance
const STEPS = [["day", 86400], ["hour", 3600], ["minute", 60]];
const EVERY = 30_000; // ms

export function tellTimes(root) {
  const words = readWords().times;
  if (!words) return;
  const now = new Date();
  for (const element of root.querySelectorAll("time[data-moment]")) {
    const at = new Date(element.dateTime);
    const told = near((at - now) / 1000, words) ?? date(at, at.getFullYear() !== now.getFullYear());
    if (element.textContent !== told) element.textContent = told;
    element.title = words.moment.replace("{date}", date(at, true)).replace("{clock}", hours(at));
  }
}

function near(distance, words) {
  const apart = Math.abs(distance);
  if (apart >= WEEK) return null;
  for (const [name, length] of STEPS) {
    const count = Math.floor(apart / length);
    const key = `${distance > 0 ? "in" : "ago"}_${name}`;
    if (count) return put((count === 1 && words[`${key}.one`]) || words[key], count);
  }
  return distance > 0 ? words.soon : words.now;
}

function date(at, withYear) {
  const locale = document.documentElement.lang === "ko" ? "ko-KR" : "en-GB";
  return at.toLocaleDateString(locale, { day: "numeric", month: "long", year: withYear ? "numeric" : undefined });
}

const hours = (at) => `${String(at.getHours()).padStart(2, "0")}:${String(at.getMinutes()).padStart(2, "0")}`;

document.addEventListener("htmx:after:swap", () => tellTimes(document));
setInterval(() => tellTimes(document), EVERY);
