/** Commands and presses count towards their person's messages a minute, so that nobody uses up a chat's flood budget by them. */

import type { Redis } from "ioredis";
import { z } from "zod";
import { refusing, toPerson, toPlace } from "../core/commands/command-answer.ts";
import type { Events } from "../core/events.ts";
import type { Arrival } from "../core/inbox.ts";
import type { IncomingCommand } from "../core/message.ts";
import type { Patience } from "../core/patience.ts";
import type { Timing } from "../core/timing.ts";
import { words } from "../core/words.ts";
import { type ErrandCall, personOf, toErrandCall } from "./arrivals.ts";
import { type ShardKeys, seenSeconds } from "./keys.ts";
import { runScript } from "./scripts.ts";

/** What counting needs. */
export interface CommandRateOptions {
  readonly redis: Redis;
  readonly keys: ShardKeys;
  readonly timing: Pick<Timing, "tooMuchMs">;
  readonly patience: Patience;
  readonly events: Pick<Events, "messageLeftOut">;
}

type Command = Extract<Arrival, { readonly kind: "command" }>;

const counted = z.enum(["counted", "told", "beyond"]);

/**
 * The errands that commands become: themselves, the word that it is too much, or none. A round trip of its own before the
 * write, for a job cannot be added on a condition; a process that dies in between counts the same command only once.
 */
export async function toCommandErrands(
  options: CommandRateOptions,
  arrivals: readonly Command[],
): Promise<readonly ErrandCall[]> {
  const errands = await Promise.all(arrivals.map((arrival) => toErrands(options, arrival)));
  return errands.flat();
}

async function toErrands(options: CommandRateOptions, arrival: Command): Promise<readonly ErrandCall[]> {
  const { keys, patience, timing, redis, events } = options;
  const { command } = arrival;
  // Whoever has said too much is to be able to end it, by the button as well.
  if (patience.personPerMinute === 0 || command.name === "stop") return [toErrandCall(arrival)];
  const { id, conversation, author } = command;
  const person = personOf(conversation, author);
  const keysOf = [keys.counted(id), keys.rate(`person:${person}`), keys.tooMuch(`${person} ${conversation}`)];
  const rest = [patience.personPerMinute, seenSeconds, timing.tooMuchMs];
  const outcome = counted.parse(await runScript(redis, "count-command", keysOf, rest));
  if (outcome === "counted") return [toErrandCall(arrival)];
  if (outcome === "beyond") return [];
  events.messageLeftOut({ message: id, limit: "person-rate" });
  const answer = tooMuch(command, patience);
  return [{ id, data: { v: 1, kind: "command", command, answer, unlessRefused: true } }];
}

/** Between two there is nobody else to see it; a button's message stays as it is. */
function tooMuch({ button, place }: IncomingCommand, patience: Patience) {
  const text = words.tooMuch["person-rate"](patience);
  if (button !== undefined) return refusing(text);
  return place === "group" ? toPerson(text) : toPlace(text);
}

/** True for what {@link toCommandErrands} takes. */
export function isCommand(arrival: Arrival): arrival is Command {
  return arrival.kind === "command";
}
