/** A whole playground for a test: its own folder, its own ports, a demo model in a hurry. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DemoModelOptions } from "../../playground/demo-model.ts";
import { type Playground, startPlayground } from "../../playground/start.ts";
import { type Config, readConfig } from "../../src/config.ts";

/** Fast, but slow enough for edits in each pane. */
const brisk: DemoModelOptions = { tokensPerSecond: 120, firstTokenMs: 100 };

/** How one start differs from the usual. */
export interface StartOptions {
  readonly demo?: DemoModelOptions;
  readonly port?: number;
  /** The base URL of a model that is to answer instead of the demo one, as with `--model`. */
  readonly model?: string;
  /** As `REDIS_URL`; a private one when absent. */
  readonly redisUrl?: string;
}

/** One folder that several starts share. */
export interface Home extends Disposable {
  /** What the terminal showed, of all starts. */
  readonly said: string[];
  start(options?: StartOptions): Promise<Playground>;
}

/** Makes an empty folder; disposing removes it. */
export function createHome(): Home {
  const folder = mkdtempSync(join(tmpdir(), "parley-playground-"));
  const said: string[] = [];
  return {
    said,
    start: ({ demo = brisk, port = 0, ...chosen } = {}) =>
      startPlayground({
        config: configOf(port, chosen),
        useModel: chosen.model !== undefined,
        folder,
        demo,
        say: (text) => said.push(text),
        onGone: () => {
          throw new Error("Redis is gone");
        },
      }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function configOf(port: number, { model, redisUrl }: Pick<StartOptions, "model" | "redisUrl">): Config {
  const variables = {
    ...(model === undefined ? {} : { OPENAI_BASE_URL: model, OPENAI_MODEL: "real-model" }),
    ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
  };
  const result = readConfig({ PORT: String(port), ...variables }, "", { model: model !== undefined });
  if ("problems" in result) throw new Error(JSON.stringify(result.problems));
  return result.config;
}
