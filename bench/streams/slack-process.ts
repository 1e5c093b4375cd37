/** A Slack workspace with its rate limits, with people in direct messages. */

import { startSlackSimulator } from "../../simulator/slack/simulator.ts";
import { serve } from "../rpc.ts";
import { onSlackShown } from "../slack-shown.ts";
import { createViewers } from "./viewers.ts";

const perMinute = (calls: number) => ({ perMinute: calls, burst: Math.max(1, calls / 10) });

/** True token buckets, each of which holds 6 s of its limit. */
const rates = {
  "chat.postMessage": perMinute(300),
  "chat.postMessage/channel": perMinute(60),
  "chat.update": perMinute(50),
  "agents.sessions.setStatus": perMinute(50),
  "assistant.threads.setStatus": perMinute(600),
};

const slack = await startSlackSimulator({ rates });
const people = Array.from({ length: 50 }, (_, index) => {
  const user = slack.createUser({ name: `bob${index}` });
  return { user, channel: slack.createDm(user) };
});
const indexOf = new Map(people.map(({ channel }, index) => [channel.id, index]));

const calls = {
  ...createViewers({
    says: (conversation, text) => {
      const { user, channel } = people[conversation]!;
      slack.says(user, channel, text);
    },
    onShown: onSlackShown(slack, (channel) => indexOf.get(channel)),
  }),
  variables: () => ({
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.url,
  }),
  async connected(): Promise<void> {
    await slack.until(() => slack.socketMode.connections.length >= 2);
  },
  /** How many calls were refused with 429. */
  refusals: () => slack.counts.limited,
};

serve(calls);
