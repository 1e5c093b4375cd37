/** A Slack workspace with its rate limits, with people in direct messages. */

import { startSlackSimulator } from "../../simulator/slack/simulator.ts";
import { serve } from "../rpc.ts";
import { onSlackShown } from "../slack-shown.ts";
import { createDirectMessages, hasSockets, socketVariables } from "../slack-workspace.ts";
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
const people = createDirectMessages(slack, 50);
const indexOf = new Map(people.map(({ channel }, index) => [channel.id, index]));

const calls = {
  ...createViewers({
    says: (conversation, text) => {
      const { user, channel } = people[conversation]!;
      slack.says(user, channel, text);
    },
    onShown: onSlackShown(slack, (channel) => indexOf.get(channel)),
  }),
  variables: () => socketVariables(slack),
  connected: () => hasSockets(slack),
  /** How many calls were refused with 429. */
  refusals: () => slack.counts.limited,
};

serve(calls);
