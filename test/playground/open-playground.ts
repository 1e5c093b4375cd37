/** A whole playground for a test: its own folder, its own ports, a demo model in a hurry. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DemoModelOptions } from "../../playground/demo-model.ts";
import { type Playground, startPlayground } from "../../playground/start.ts";
import { toConfig } from "../world/config.ts";

/** Fast, but slow enough for edits in each pane. */
const brisk: DemoModelOptions = { tokensPerSecond: 120, firstTokenMs: 100 };

/** One folder that several starts share. */
export interface Home extends Disposable {
  /** What the terminal showed, of all starts. */
  readonly said: string[];
  start(options?: { demo?: DemoModelOptions; port?: number }): Promise<Playground>;
}

/** Makes an empty folder; disposing removes it. */
export function createHome(): Home {
  const folder = mkdtempSync(join(tmpdir(), "parley-playground-"));
  const said: string[] = [];
  return {
    said,
    start: ({ demo = brisk, port = 0 } = {}) =>
      startPlayground({
        config: toConfig({ PORT: String(port) }),
        useModel: false,
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
