/** A world with an owner, commands as the platform has them, and what the model is asked. */

import { becomesOwner } from "./owner.ts";
import type { Person } from "./person.ts";
import { startWorld, type World, type WorldOptions } from "./world.ts";

/** Every platform, for tables. */
export const platforms = ["telegram", "slack"] as const;
/** One of {@link platforms}. */
export type PlatformName = (typeof platforms)[number];

/** Who plays. */
export interface Stage extends AsyncDisposable {
  readonly world: World;
  readonly owner: Person;
  /** Writes a command as the platform has it. */
  commands(person: Person, command: string): void;
}

/** Starts a world with one platform and its owner. */
export async function stage(platform: PlatformName, options: WorldOptions = {}): Promise<Stage> {
  const world = await startWorld({ platforms: [platform], ...options });
  const owner = world.person(platform);
  const prefix = platform === "telegram" ? "/" : "!";
  await becomesOwner(world, owner, prefix);
  return {
    world,
    owner,
    commands: (person, command) => person.says(`${prefix}${command}`),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

/** Resolves when an answer holds `text`, whatever the platform's markup around its words. */
export async function reads(person: Person, text: string): Promise<void> {
  const unescaped = (answer: string) =>
    answer.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  const plain = (answer: string) => unescaped(answer).replace(/[*_`\u200b\u2060]/g, "");
  await person.until(() =>
    person.answers().some((answer) => plain(answer).includes(text.replace(/[*_`]/g, ""))),
  );
}

/** Asks and waits for the answer. @returns what the model was asked */
export async function asks(world: World, person: Person, question: string) {
  const number = world.model.received() + 1;
  world.model.answerWith(({ number: asked }) => `Answer ${asked}.`);
  person.says(question);
  const { body } = await world.model.hasReceived(number);
  await reads(person, `Answer ${number}.`);
  await world.turnsAreOver();
  return body as Readonly<Record<string, unknown>> & {
    readonly messages: readonly { readonly role: string; readonly content: string }[];
  };
}
