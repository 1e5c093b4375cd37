/** Other processes of this machine: running one to its end, telling whether one still lives, ending one. */

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

/** Variables for a child; undefined inherits ours. */
export type ChildEnvironment = NodeJS.ProcessEnv | undefined;

/** Runs a program to its end and returns what it wrote; undefined when there is no such program or it failed. */
export async function outputOf(
  program: string,
  args: readonly string[],
  env: ChildEnvironment,
): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(program, [...args], { env, timeout: 10_000 });
    return stdout;
  } catch {
    // Absent and broken are the same to the asker: it cannot be used.
    return undefined;
  }
}

/**
 * What tells the process `pid` from any other that gets the same number later: when it began, in the system's own
 * words. Undefined when there is no such process.
 */
export async function processIdentity(pid: number): Promise<string | undefined> {
  if (process.platform === "linux") return linuxIdentity(pid);
  const started = await outputOf("ps", ["-o", "lstart=", "-p", String(pid)], undefined);
  return started?.trim() || undefined;
}

/** Boot and start time in clock ticks since then (proc(5), `stat` field 22); a zombie counts as gone. */
function linuxIdentity(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the name in brackets, which may itself hold spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${fields[19]}`;
  } catch {
    return undefined;
  }
}

/**
 * Ends the process `pid`, if it still is the one with `identity`: SIGTERM, and SIGKILL after `graceMs`.
 * Resolves when it is gone.
 */
export async function endProcess(pid: number, identity: string, graceMs: number): Promise<void> {
  const askedAt = performance.now();
  let signal: NodeJS.Signals = "SIGTERM";
  let sent: NodeJS.Signals | undefined;
  while ((await processIdentity(pid)) === identity) {
    if (performance.now() - askedAt > graceMs) signal = "SIGKILL";
    if (sent !== signal) send(pid, signal);
    sent = signal;
    await delay(10);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended between the look and the signal.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
