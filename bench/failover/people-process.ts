/** People in direct messages on Slack who ask evenly, each question a conversation of its own, and what became of it. */

import { setTimeout as sleep } from "node:timers/promises";
import { startSlackSimulator } from "../../simulator/slack/simulator.ts";
import { words } from "../question.ts";
import { serve } from "../rpc.ts";
import { createDirectMessages, hasSockets, ratesOff, socketVariables } from "../slack-workspace.ts";

const slack = await startSlackSimulator({ rates: "off" });
const users = 40;
const asked: string[] = [];

/** What questions came to. */
export interface Tally {
  readonly asked: number;
  /** Has a whole answer, or what came of it with the mark that it is not whole. */
  readonly whole: number;
  readonly marked: number;
  /** Was told that there is no answer. */
  readonly told: number;
  readonly lost: number;
  readonly doubled: number;
}

const calls = {
  variables: () => ({ ...socketVariables(slack), ...ratesOff }),
  connected: () => hasSockets(slack),
  async ask({ seconds, perSecond }: { readonly seconds: number; readonly perSecond: number }): Promise<void> {
    const people = createDirectMessages(slack, users);
    const startedAt = performance.now();
    for (let number = 0; number < seconds * perSecond; number += 1) {
      const waitMs = (number * 1_000) / perSecond - (performance.now() - startedAt);
      if (waitMs > 1) await sleep(waitMs);
      const person = people[number % users];
      if (person) asked.push(slack.says(person.user, person.channel, `question ${number}`));
    }
  },
  tally(): Tally {
    const posts = new Map<string, string[]>();
    for (const { user, threadTs, states } of slack.workspace.messages) {
      const state = states.at(-1);
      if (user !== slack.botUserId || threadTs === undefined || !state || state.deleted) continue;
      posts.set(threadTs, [...(posts.get(threadTs) ?? []), state.text]);
    }
    const answers = asked.map((question) => posts.get(question) ?? []);
    const count = (holds: (text: string) => boolean) =>
      answers.filter(([text]) => text && holds(text)).length;
    const isWhole = (text: string) => text.includes(words(60));
    const isMarked = (text: string) => text.includes("interrupted");
    const whole = count(isWhole);
    const marked = count(isMarked);
    const told = count((text) => !isWhole(text) && !isMarked(text) && !text.startsWith("parley"));
    const doubled = answers.filter(({ length }) => length > 1).length;
    return { asked: asked.length, whole, marked, told, lost: asked.length - whole - marked - told, doubled };
  },
};

/** What the people's process can be asked. */
export type FailoverPeopleCalls = typeof calls;

serve(calls);
