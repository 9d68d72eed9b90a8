// Moments with tenths of a second, and where they are in lists that rise.

export const fine = (seconds) => `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, "0")}`;

/** How many of the rising `times` are at or before that moment. */
export function countBefore(times, seconds) {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= seconds) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The place of the nearest of them; -1 where there is none. */
export function nearest(times, seconds) {
  const after = countBefore(times, seconds);
  if (!times.length) return -1;
  if (after === 0) return 0;
  if (after === times.length) return after - 1;
  return seconds - times[after - 1] <= times[after] - seconds ? after - 1 : after;
}
