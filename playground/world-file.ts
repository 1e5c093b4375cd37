/** The file in which the simulated platforms outlive their process: what people see must agree with what Redis knows. */

import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import type { WorkspaceSnapshot } from "../simulator/slack/workspace.ts";
import type { TelegramSnapshot } from "../simulator/telegram/state.ts";

/** Who and what the page shows, by the simulators' ids. */
export interface Cast {
  readonly telegram: { readonly people: readonly number[]; readonly private: number; readonly group: number };
  readonly slack: { readonly people: readonly string[]; readonly channel: string; readonly dm: string };
}

/** Both platforms, whole. */
export interface SavedWorld {
  readonly v: 1;
  /** The bot's token: a new world has another bot, so that Redis does not take its messages for old ones. */
  readonly telegramToken: string;
  readonly cast: Cast;
  readonly telegram: TelegramSnapshot;
  readonly slack: WorkspaceSnapshot;
}

const castSchema = z.object({
  telegram: z.object({ people: z.array(z.number()).min(2), private: z.number(), group: z.number() }),
  slack: z.object({ people: z.array(z.string()).min(2), channel: z.string(), dm: z.string() }),
});

/** We wrote it ourselves, by rename: when the outline is right, the inside is. */
const schema = z.object({
  v: z.literal(1),
  telegramToken: z.string(),
  cast: castSchema,
  telegram: z.custom<TelegramSnapshot>(isVersion1),
  slack: z.custom<WorkspaceSnapshot>(isVersion1),
});

/** How long edits gather before they are written. */
const gatherMs = 500;

/** Reads what an earlier run left; undefined when there is none. An unreadable file is set aside, never overwritten. */
export function readWorld(path: string, say: (sentence: string) => void): SavedWorld | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    renameSync(path, `${path}.unreadable`);
    say(`The earlier conversations could not be read; they are set aside in ${path}.unreadable.`);
    return undefined;
  }
}

/** Keeps a file equal to the world. */
export class WorldFile implements Disposable {
  readonly #path: string;
  readonly #snapshot: () => SavedWorld;
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string, snapshot: () => SavedWorld) {
    this.#path = path;
    this.#snapshot = snapshot;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  }

  /** A look has changed: written soon, together with what follows. */
  changed(): void {
    this.#timer ??= setTimeout(() => this.save(), gatherMs);
  }

  /** Writes now. New messages must not wait: a process that is killed would give their ids out again. */
  save(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const draft = `${this.#path}.draft`;
    writeFileSync(draft, JSON.stringify(this.#snapshot()), { mode: 0o600 });
    renameSync(draft, this.#path);
  }

  [Symbol.dispose](): void {
    this.save();
  }
}

function isVersion1(value: unknown): boolean {
  return typeof value === "object" && value !== null && "v" in value && value.v === 1;
}
