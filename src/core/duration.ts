/** Lengths of time as people would say them. */

/** 5, 20 or 45 seconds, minutes, hours. */
export function duration(ms: number): string {
  const seconds = Math.max(5, Math.round(ms / 5_000) * 5);
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 90) return minutes <= 1 ? "a minute" : `${minutes} minutes`;
  return `${Math.round(ms / 3_600_000)} hours`;
}
