/** A worker's death at one step of its turn. */

import type { CommandMatch } from "./proxy.ts";
import type { Member, World } from "./world.ts";

/** One step, as it goes over the wire to Redis, and whether Redis has carried it out. */
export interface FatalStep {
  readonly name: string;
  readonly at: CommandMatch;
  readonly when: "before" | "after";
}

/** Lets `victim` come to the step, kills it there and starts its successor. */
export async function killAt(
  world: World,
  victim: Member,
  step: FatalStep,
  begin: () => void,
): Promise<Member> {
  const reached = victim.proxy.darkAt(step.at, step.when);
  begin();
  await world.within(60_000, `${step.when} ${step.name}`, reached);
  // The calls that the step has already let go are still answered or not: that is the platform's.
  await victim.process.kill();
  victim.proxy.reset();
  return await world.start("worker");
}
