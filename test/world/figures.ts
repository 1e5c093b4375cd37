/** Figures that a test prints: they are measured, not asserted. */

/** Prints median, longest and all of some times. */
export function printTimes(what: string, timesMs: readonly number[]): void {
  const sorted = timesMs.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const all = timesMs.map((ms) => Math.round(ms)).join(" ");
  print(
    `${what}: median ${Math.round(median)} ms, longest ${Math.round(sorted.at(-1) ?? 0)} ms (${timesMs.length}: ${all})`,
  );
}

/** Prints one line. */
export function print(line: string): void {
  process.stdout.write(`FIGURE ${line}\n`);
}
