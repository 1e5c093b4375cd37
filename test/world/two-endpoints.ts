/** A service with two chat APIs, of which the first is preferred. */

import { type ModelSimulator, startModelSimulator } from "../../simulator/model/index.ts";
import type { SimulatedRequest } from "../../simulator/model/script.ts";
import type { Timing } from "../../src/core/timing.ts";
import type { Variables } from "./config.ts";
import type { ProcessPool } from "./processes.ts";
import { startWorld, type World } from "./world.ts";

/** A world whose own model is not called. */
export interface TwoEndpoints extends AsyncDisposable {
  readonly world: World;
  readonly first: ModelSimulator;
  readonly second: ModelSimulator;
}

/** What is said at the endpoint `name` to somebody who asks `question`. */
export function saidBy(name: "first" | "second", question: string): string {
  return `The ${name} says ${question}.`;
}

/** What an endpoint answers unless a test decides otherwise. */
export function answersAs(name: "first" | "second") {
  return ({ messages }: Pick<SimulatedRequest, "messages">) => saidBy(name, messages.at(-1)?.content ?? "");
}

/** @param fields of the first and of the second endpoint, beside their addresses */
export async function startTwoEndpoints({
  fields = [{}, {}],
  timing = {},
  variables = {},
  processes = "inside",
}: {
  readonly fields?: readonly [object, object];
  readonly timing?: Partial<Timing>;
  readonly variables?: Variables;
  readonly processes?: "inside" | ProcessPool;
} = {}): Promise<TwoEndpoints> {
  const first = await startModelSimulator({ answer: answersAs("first") });
  const second = await startModelSimulator({ answer: answersAs("second") });
  const urls = [first.url, second.url];
  const list = fields.map((own, index) => ({ baseUrl: urls[index], ...own }));
  const own = { ENDPOINTS: JSON.stringify(list), ...variables };
  const world = await startWorld({ platforms: ["telegram"], variables: own, timing, processes });
  const dispose = async () => {
    // Before the world, which looks whether everything is closed.
    await Promise.all([first.close(), second.close()]);
    await world[Symbol.asyncDispose]();
  };
  return { world, first, second, [Symbol.asyncDispose]: dispose };
}
