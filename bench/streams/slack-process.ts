/** A Slack workspace with its rate limits, with people in direct messages. */

import { startSlackSimulator } from "../../simulator/slack/simulator.ts";
import { type SlackMessage, stateOf } from "../../simulator/slack/workspace.ts";
import { serve } from "../rpc.ts";
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
    onShown: (listener) => {
      const { workspace } = slack;
      const shown = (message: SlackMessage) => {
        const conversation = indexOf.get(message.channel);
        if (message.user === slack.botUserId && conversation !== undefined)
          listener(conversation, stateOf(message).text, message.states.length > 1 ? "edit" : "post");
        return message;
      };
      // The workspace says that something has changed, not what; looking for it would cost more than all else.
      const add = workspace.addMessage.bind(workspace);
      const change = workspace.changeMessage.bind(workspace);
      workspace.addMessage = (message) => shown(add(message));
      workspace.changeMessage = (...changed) => shown(change(...changed));
    },
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
