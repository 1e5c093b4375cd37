/** An installation with an owner, an admin and somebody who is neither, each in a private chat with the bot. */

import { becomesOwner } from "./owner.ts";
import type { Person } from "./person.ts";
import type { SlackPerson } from "./slack-person.ts";
import type { TelegramPerson } from "./telegram-person.ts";
import { startWorld, type World, type WorldOptions } from "./world.ts";

/** The platforms that have commands. */
export const platforms = ["telegram", "slack"] as const;

/** One of {@link platforms}. */
export type PlatformName = (typeof platforms)[number];

/** Somebody with an id of their own. */
export type Somebody = TelegramPerson | SlackPerson;

/** A world in which rights are given. */
export interface Governed extends AsyncDisposable {
  readonly world: World;
  readonly owner: Somebody;
  /** Somebody new. */
  person(): Somebody;
  /** The entry that names them. */
  entryOf(person: Somebody): string;
  /** Makes somebody new an admin. */
  newAdmin(): Promise<Somebody>;
  /** Writes a command as the platform has it. */
  commands(person: Person, command: string): void;
}

/** Starts a world on one platform in which somebody is the owner. */
export async function startGoverned(
  platform: PlatformName,
  options: Omit<WorldOptions, "platforms"> = {},
): Promise<Governed> {
  const world = await startWorld({ ...options, platforms: [platform] });
  const owner = world.person(platform);
  const prefix = platform === "telegram" ? "/" : "!";
  await becomesOwner(world, owner, prefix);
  const commands = (person: Person, command: string) => {
    person.says(`${prefix}${command}`);
  };
  return {
    world,
    owner,
    commands,
    entryOf: (person) => entryOf(world, person),
    person: () => world.person(platform),
    newAdmin: async () => {
      const admin = world.person(platform);
      commands(owner, `admins add ${entryOf(world, admin)}`);
      await reads(owner, `${entryOf(world, admin)} is an admin from now on.`);
      return admin;
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

/** The entry that names somebody. */
export function entryOf(world: World, person: Somebody): string {
  return "channel" in person ? `slack:${world.slack.teamId}/${person.user.id}` : `telegram:${person.user.id}`;
}

/** An answer without its platform's markup. */
export function plain(answer: string): string {
  const unescaped = answer.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  return unescaped.replace(/[*_`\u200b\u2060]/g, "");
}

/** Resolves when an answer holds `text`, whatever the platform's markup around its words. */
export async function reads(person: Person, text: string): Promise<void> {
  const wanted = text.replace(/[*_`]/g, "");
  await person.until(() => person.answers().some((answer) => plain(answer).includes(wanted)));
}
