/** The owner of an installation under test. */

import { offerOwnership } from "../../src/queue/conversation-store.ts";
import { createKeys } from "../../src/queue/keys.ts";
import { type Person, seesPart } from "./person.ts";
import type { World } from "./world.ts";

/** Makes `person` the owner by the one-time code. @param prefix what stands before a command where they write */
export async function becomesOwner(world: World, person: Person, prefix: "/" | "!"): Promise<void> {
  const code = await offerOwnership(world.control, createKeys());
  person.says(`${prefix}start ${code}`);
  await seesPart(person, "You are the owner now");
}
