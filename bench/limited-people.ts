/** People in direct messages on Slack; every question is a conversation of its own, so anybody can flood. */

import { startSlackSimulator } from "../simulator/slack/simulator.ts";
import { askByPlan, type Demand, toText } from "./limited-question.ts";
import { serve } from "./rpc.ts";
import { createDirectMessages, hasSockets, ratesOff, socketVariables } from "./slack-workspace.ts";

const slack = await startSlackSimulator({ rates: "off" });

const calls = {
  variables: () => ({ ...socketVariables(slack), ...ratesOff }),
  connected: () => hasSockets(slack),
  async ask(demand: Demand): Promise<void> {
    const people = createDirectMessages(slack, demand.perSecond.length);
    await askByPlan(demand, (question) => {
      const person = people[question.user];
      if (person) slack.says(person.user, person.channel, toText(question));
    });
  },
  /** Posts of the bot that nobody's question has, beyond one each: a busy line that became no answer. */
  answersPerQuestion: () => {
    const { messages } = slack.workspace;
    const answered = new Map<string, number>();
    for (const { user, threadTs } of messages) {
      if (user === slack.botUserId && threadTs) answered.set(threadTs, (answered.get(threadTs) ?? 0) + 1);
    }
    return Math.max(0, ...answered.values());
  },
};

/** What the people's process can be asked. */
export type LimitedPeopleCalls = typeof calls;

serve(calls);
