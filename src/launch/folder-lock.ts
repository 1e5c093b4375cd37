/** One process at a time works in a folder; a second one is told who the first is. */

import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { processIdentity } from "./processes.ts";
import { StartRefused } from "./refusal.ts";

const holder = z.object({ pid: z.number().int().positive(), identity: z.string(), since: z.iso.datetime() });

type Holder = z.output<typeof holder>;

/** A locked folder; free again when released. */
export interface FolderLock {
  release(): void;
}

/**
 * Locks `folder`, which is made when it is not there (for our user only). A lock whose process is gone is taken over.
 * @throws StartRefused naming the process that holds it
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, "lock");
  const identity = (await processIdentity(process.pid)) ?? "unknown";
  const ours = JSON.stringify({ pid: process.pid, identity, since: new Date().toISOString() });
  while (!claim(path, ours)) {
    const found = readHolder(path);
    if (found !== undefined && (await isAlive(found))) throw inUse(folder, found);
    discard(path, found);
  }
  return {
    release: () => {
      if (readText(path) === ours) rmSync(path, { force: true });
    },
  };
}

/** Makes the lock whole or not at all: a link is atomic, and so never seen half written. */
function claim(path: string, content: string): boolean {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, content, { mode: 0o600 });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

async function isAlive({ pid, identity }: Holder): Promise<boolean> {
  return (await processIdentity(pid)) === identity;
}

/** Takes away the lock of `dead`, and gives it back if another start has put its own there in the meantime. */
function discard(path: string, dead: Holder | undefined): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
    if (JSON.stringify(readHolder(aside)) !== JSON.stringify(dead)) linkSync(aside, path);
  } catch (error) {
    // Somebody else took it away first; the next claim decides.
    if (!["ENOENT", "EEXIST"].includes(codeOf(error))) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function readHolder(path: string): Holder | undefined {
  try {
    return holder.safeParse(JSON.parse(readText(path) ?? "")).data;
  } catch {
    // Not one of ours: nobody holds it.
    return undefined;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function inUse(folder: string, { pid, since }: Holder): StartRefused {
  const begun = new Date(since).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
  return new StartRefused(
    `Parley already runs in this folder: process ${pid}, since ${begun} (its data: ${folder}).\n` +
      `Stop it with Ctrl-C in its terminal or by: kill ${pid}`,
  );
}
