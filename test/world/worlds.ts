/** The worlds of one test file whose processes die: those come from one pool, which begins and ends with the file. */

import { afterAll, beforeAll } from "vitest";
import { ProcessPool } from "./processes.ts";
import { startWorld, type World, type WorldOptions } from "./world.ts";

type Options = Omit<WorldOptions, "processes">;

/** Starts worlds; whoever asks for one disposes it. */
export interface Worlds {
  /** Its gateway runs in the test's own process and is connected, so that only workers are at risk. */
  withGateway(options?: Options): Promise<World>;
  /** Its worker runs in the test's own process, so that only gateways are at risk. */
  withWorker(options?: Options): Promise<World>;
  /** Nothing runs in it yet. */
  withNothing(options?: Options): Promise<World>;
}

/** To be called once, at the top of a test file. */
export function createWorlds(): Worlds {
  let pool: ProcessPool;
  beforeAll(() => {
    pool = new ProcessPool(2);
  });
  afterAll(() => pool[Symbol.asyncDispose]());
  const withNothing = (options: Options = {}) => startWorld({ processes: pool, ...options });
  return {
    withGateway: async (options) => {
      const world = await withNothing(options);
      await world.startInside({ ROLE: "gateway" });
      await world.isConnected();
      return world;
    },
    withWorker: async (options) => {
      const world = await withNothing(options);
      await world.startInside({ ROLE: "worker" });
      return world;
    },
    withNothing,
  };
}
