/** People in direct messages on Slack; every question is a conversation of its own, so anybody can flood. */

import { startSlackSimulator } from "../simulator/slack/simulator.ts";
import { askByPlan, type Demand, toText } from "./limited-question.ts";
import { serve } from "./rpc.ts";

const slack = await startSlackSimulator({ rates: "off" });

const calls = {
  /** What connects a service to it, without rates: the model's limits are measured. */
  variables: () => ({
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.url,
    SLACK_RATE_UPDATE: "off",
    SLACK_RATE_POST: "off",
  }),
  async connected(): Promise<void> {
    await slack.until(() => slack.socketMode.connections.length >= 2);
  },
  async ask(demand: Demand): Promise<void> {
    const people = demand.perSecond.map((_, index) => {
      const user = slack.createUser({ name: `bob${index}` });
      return { user, channel: slack.createDm(user) };
    });
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
