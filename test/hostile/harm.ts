/** What must never come of an answer, read off what the simulated platforms saw. */

import type { World } from "../world/world.ts";

/** Calls to people, previews, and calls of the API that were refused: one line each, best none. */
export function harmIn({ telegram, slack }: World): readonly string[] {
  // The message of a file is made by Slack; what is said with it is a sentence of ours.
  const own = slack.workspace.messages.filter(
    ({ user, files }) => user === slack.botUserId && !files?.length,
  );
  return [
    ...telegram.pings.map((name) => `Telegram calls ${name}`),
    ...telegram.problems.map((what) => `Telegram: ${what}`),
    ...telegram.calls.flatMap(telegramHarm),
    ...slack.botPings.map((ping) => `Slack calls ${ping}`),
    ...own.filter(({ unfurl }) => unfurl.links || unfurl.media).map(({ ts }) => `Slack fetches for ${ts}`),
    ...slack.calls
      .filter(({ answer, method }) => answer?.ok === false && !method.startsWith("agents."))
      .map(({ method, answer }) => `${method}: ${answer?.error}`),
  ];
}

type TelegramCall = World["telegram"]["calls"][number];

function telegramHarm({ method, payload, status, answer }: TelegramCall): readonly string[] {
  const { description = "" } = (answer ?? {}) as { readonly description?: string };
  const isSame = description.includes("message is not modified");
  const refused = status !== undefined && status >= 400 && !isSame ? [`${method}: ${description}`] : [];
  const isText = method === "sendMessage" || method === "editMessageText" || method === "sendMessageDraft";
  if (!isText || payload.rich_message !== undefined) return refused;
  const entities = (payload.entities ?? []) as readonly { readonly type: string; readonly url?: string }[];
  const calling = entities.filter(({ type, url }) => type.includes("mention") || url?.startsWith("tg:"));
  const preview = payload.link_preview_options as { readonly is_disabled?: boolean } | undefined;
  const isPreviewed = method !== "sendMessageDraft" && preview?.is_disabled !== true;
  return [
    ...refused,
    ...calling.map(({ type }) => `${method}: ${type}`),
    ...(isPreviewed ? [`${method}: preview`] : []),
  ];
}
