/** Numbers as people read them. */

/** The value that `share` of all values do not exceed; NaN of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** `p50 8 · p95 21 · p99 40 ms`. */
export function spread(ms: readonly number[]): string {
  const at = (share: number) => percentile(ms, share).toFixed(1);
  return `p50 ${at(0.5)} · p95 ${at(0.95)} · p99 ${at(0.99)} ms (n = ${ms.length})`;
}

/** CPU time in seconds. */
export function cpuSeconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1_000_000;
}

/** Rows of a Markdown table with as many columns as the first row has. */
export function toTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, column) => (row[column] ?? "").padEnd(width)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}
