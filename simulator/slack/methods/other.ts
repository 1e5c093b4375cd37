/** Identity, people, busy signs, files and the opening of sockets. */

import { z } from "zod";
import { jsonOf, type Method, type MethodContext, SlackRefusal, textOf, writableChannel } from "../method.ts";
import type { SlackFile, SlackUser, Workspace } from "../workspace.ts";

/** A busy sign ends by itself after two minutes (platform-facts B9). */
const statusMs = 120_000;

const authTest: Method = (_args, { workspace, origin }) => ({
  url: `${origin}/`,
  team: workspace.teamId === "T0SIM" ? "Simulated" : `Team ${workspace.teamId}`,
  user: workspace.users.get(workspace.botUserId)?.name,
  team_id: workspace.teamId,
  user_id: workspace.botUserId,
  bot_id: workspace.botId,
  is_enterprise_install: false,
});

const revokeToken: Method = (args, { revoke }) => {
  revoke(textOf(args, "token"));
  return { revoked: true };
};

const openConnection: Method = (_args, { socketMode, origin }) => ({
  url: `${origin.replace("http", "ws")}/link/?ticket=${socketMode.openTicket()}&app_id=A0PARLEY`,
});

const userInfo: Method = (args, { workspace }) => {
  const user = workspace.users.get(textOf(args, "user"));
  if (!user) throw new SlackRefusal("user_not_found");
  return { user: userFields(user, workspace) };
};

const botInfo: Method = (args, { workspace }) => {
  const bot = [...workspace.users.values()].find((user) => user.botId === textOf(args, "bot"));
  if (!bot) throw new SlackRefusal("bot_not_found");
  const app_id = bot.id === workspace.botUserId ? "A0PARLEY" : "A0OTHER";
  return { bot: { id: bot.botId, app_id, deleted: false, name: bot.name, user_id: bot.id } };
};

const setStatus: Method = (args, context) => {
  const channel = writableChannel({ channel: args.channel_id }, context);
  const threadTs = textOf(args, "thread_ts");
  if (!threadTs || args.status === undefined) throw new SlackRefusal("invalid_arguments");
  const text = textOf(args, "status");
  const untilMs = text === "" ? 0 : Date.now() + statusMs;
  context.workspace.setStatus({ channel: channel.id, threadTs, text, untilMs });
  return {};
};

/** The title counts when the session begins, and never again. */
const setSessionStatus: Method = (args, context) => {
  const channel = writableChannel({ channel: args.channel_id }, context);
  const [status, title, threadTs] = [
    textOf(args, "status"),
    textOf(args, "title"),
    textOf(args, "thread_ts"),
  ];
  const known = ["active", "processing", "suspended", "closed"].includes(status);
  if (!known || title.length > 200 || threadTs === "") throw new SlackRefusal("invalid_arguments");
  const { sessions } = context.workspace;
  const key = `${channel.id} ${threadTs}`;
  const session = { title, ...sessions.get(key), status };
  sessions.set(key, session);
  context.workspace.changed();
  return { status, title: session.title };
};

/** For an agent a call with `thread_ts` does nothing, and says that all is well. */
const setSuggestedPrompts: Method = (args, context) => {
  const channel = writableChannel({ channel: args.channel_id }, context);
  const { success, data } = suggestedPrompts.safeParse(jsonOf(args, "prompts"));
  if (!success || channel.kind !== "im") throw new SlackRefusal("invalid_arguments");
  if (textOf(args, "thread_ts") === "") context.workspace.prompts.set(channel.id, data);
  context.workspace.changed();
  return {};
};

const promptText = z.string().min(1);
const suggestedPrompts = z
  .array(z.object({ title: promptText, message: promptText }))
  .min(1)
  .max(4);

const getUploadUrl: Method = (args, { workspace, origin, uploads }) => {
  const name = textOf(args, "filename");
  if (!name || !(Number(textOf(args, "length")) > 0)) throw new SlackRefusal("invalid_arguments");
  const id = workspace.nextId("F");
  uploads.set(id, { name, content: undefined });
  return { upload_url: `${origin}/upload/v1/${workspace.teamId}/${id}`, file_id: id };
};

const fileInfo: Method = (args, { workspace, origin }) => {
  const id = textOf(args, "file");
  const file = workspace.messages.flatMap(({ files }) => files).find((one) => one.id === id);
  if (!file) throw new SlackRefusal("file_not_found");
  const { content: _, externalUrl, ...fields } = file;
  // As the example of files.remote.info has it: no address to download from.
  if (externalUrl !== undefined)
    return { file: { ...fields, mode: "external", is_external: true, url_private: externalUrl } };
  const url = `${origin}/files-pri/${workspace.teamId}/${id}`;
  return { file: { ...fields, url_private: url, url_private_download: url } };
};

/** Shares uploaded files. The message's ts is not in the answer, as on Slack. */
const completeUpload: Method = (args, context) => {
  const wanted = jsonOf(args, "files");
  if (!Array.isArray(wanted) || wanted.length === 0) throw new SlackRefusal("invalid_arguments");
  const files = wanted.map((entry) => uploadedFile(String(entry?.id), String(entry?.title ?? ""), context));
  const channelId = textOf(args, "channel_id");
  if (channelId) {
    const channel = writableChannel({ channel: channelId }, context);
    const threadTs = textOf(args, "thread_ts");
    const { botUserId, botId } = context.workspace;
    const message = context.workspace.addMessage({
      channel: channel.id,
      user: botUserId,
      botId,
      subtype: "file_share",
      text: textOf(args, "initial_comment"),
      files,
      ...(threadTs ? { threadTs } : {}),
    });
    context.announce("new", channel.id, message.ts);
  }
  return { files: files.map(({ id, title }) => ({ id, title })) };
};

/** The methods of this file. */
export const otherMethods: Readonly<Record<string, Method>> = {
  "auth.test": authTest,
  "auth.revoke": revokeToken,
  "apps.connections.open": openConnection,
  "users.info": userInfo,
  "bots.info": botInfo,
  "assistant.threads.setStatus": setStatus,
  "assistant.threads.setSuggestedPrompts": setSuggestedPrompts,
  "agents.sessions.setStatus": setSessionStatus,
  "files.info": fileInfo,
  "files.getUploadURLExternal": getUploadUrl,
  "files.completeUploadExternal": completeUpload,
};

function uploadedFile(id: string, title: string, { uploads }: MethodContext): SlackFile {
  const upload = uploads.get(id);
  if (upload?.content === undefined) throw new SlackRefusal("file_not_found");
  return { id, name: upload.name, title, mimetype: "text/plain", content: upload.content };
}

/** `is_stranger` is said only of whoever shares no channel with the app (docs.slack.dev, user object). */
function userFields(user: SlackUser, { channels, botUserId }: Workspace): Readonly<Record<string, unknown>> {
  const isNear = [...channels.values()].some(
    ({ members }) => members.includes(user.id) && members.includes(botUserId),
  );
  const profile = { real_name: user.name, display_name: user.name };
  return {
    id: user.id,
    team_id: user.teamId,
    name: user.name.toLowerCase(),
    real_name: user.name,
    profile,
    deleted: false,
    is_bot: user.botId !== undefined,
    is_admin: user.role !== undefined,
    is_owner: user.role === "owner",
    is_restricted: user.guest !== false,
    is_ultra_restricted: user.guest === true,
    ...(user.stranger && !isNear ? { is_stranger: true } : {}),
    ...(user.enterpriseTeams ? { enterprise_user: { id: user.id, teams: user.enterpriseTeams } } : {}),
  };
}
