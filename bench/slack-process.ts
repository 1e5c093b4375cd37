/** The Slack of a bench and its people, each in one thread of a direct message. */

import { startSlackSimulator } from "../simulator/slack/simulator.ts";
import { createPeople, type WayIn } from "./people.ts";
import { serve } from "./rpc.ts";
import { onSlackShown } from "./slack-shown.ts";
import { createDirectMessages, hasSockets, ratesOff } from "./slack-workspace.ts";

const threadCount = 1_000;

const slack = await startSlackSimulator({ rates: "off" });
const threads = createDirectMessages(slack, threadCount).map((person) => ({
  ...person,
  root: undefined as string | undefined,
}));
const indexOfChannel = new Map(threads.map(({ channel }, index) => [channel.id, index]));

const calls = {
  ...createPeople({
    says: (conversation, text) => {
      const thread = threads[conversation]!;
      const options = thread.root === undefined ? {} : { thread: thread.root };
      const ts = slack.says(thread.user, thread.channel, text, options);
      thread.root ??= ts;
    },
    onShown: onSlackShown(slack, (channel) => indexOfChannel.get(channel)),
  }),
  /** What connects a service to it, without rates: Parley is measured, not its patience. */
  variables: ({ http }: WayIn) => ({
    SLACK_BOT_TOKEN: slack.botToken,
    ...(http ? { SLACK_SIGNING_SECRET: slack.signingSecret } : { SLACK_APP_TOKEN: slack.appToken }),
    SLACK_API_URL: slack.url,
    ...ratesOff,
  }),
  async connected({ http, url }: WayIn & { readonly url: string }): Promise<void> {
    if (http) await slack.http.verify(url);
    else await hasSockets(slack);
  },
  /** How long each event since the last time took to be acknowledged, in ms. */
  acknowledgements: () =>
    slack.deliverer.deliveries
      .splice(0)
      .flatMap(({ atMs, ackedAtMs }) => (ackedAtMs === undefined ? [] : [ackedAtMs - atMs])),
};

serve(calls);
