/** The commands as documentation: `docs/commands.md`. Pure. */

import { settingOf, settingsOfCommand } from "../settings/declarations.ts";
import { type CommandDeclaration, commands } from "./declarations.ts";
import type { SettingsCommandName } from "./settings-request.ts";

const intro = `# Commands

| where | how a command is written |
|---|---|
| Telegram | \`/model\`; in groups \`/model@your_bot\` as well |
| Slack, anywhere | \`/parley model\` (Slack does not say in which thread it was written) |
| Slack, in a thread or direct message | \`@bot !model\`, in a direct message also \`!model\` |

Commands have a queue of their own and never wait behind the model. What they change counts from the next answer on; an
answer that is running keeps what it began with.

This file is generated from \`src/core/commands/declarations.ts\` and \`src/core/settings/declarations.ts\` by \`npm run docs\`.
`;

const faces = `## Buttons, forms, files

A button is a command that is pressed instead of written: the same right is asked of whoever presses it, and its answer
takes the place of the message that carried it. A button that is too old says so; one that somebody presses without the
right answers them alone, and the message stays as it is.

| | Telegram | Slack |
|---|---|---|
| choosing | buttons under the answer; models in pages of eight | buttons, a select for models |
| a system prompt | \`/system set\`, then a reply to the bot's question: its text is taken as it was typed, whatever it begins with | \`/parley system set\` or the button: a form for up to 3,000 characters |
| a longer one, up to 32 kB | a \`.txt\` or \`.md\` file as that reply, or with \`/system set\` as its caption | such a file with \`!system set\` as its message |
| everything at a glance | the menu of commands: everybody's, group admins', the bot's own admins' | the app's Home tab: what holds in the direct message and in the workspace |

Texts arrive as they were typed: Telegram's apps turn \`**marks**\` into formatting and take them away, so they are put
back (bold, italics, code, code blocks, spoilers, links); on Slack links and escapes are read back, a person's name stays
the id that Slack makes of it.

## Who sees an answer

| answer | Telegram, in a group | Slack, in a channel |
|---|---|---|
| \`help\`, \`status\`, \`model\`, \`params\`, \`mode\`, \`new\`, \`stop\`, \`undo\`, what was changed | everybody | everybody |
| \`system\`, where the prompt was written for this chat or thread | everybody | everybody |
| \`system\`, where it comes from elsewhere; \`audit\`, \`allow\`, \`deny\`, \`admins\` | who asked, in private | who asked |
| why nothing was done (no right, no such value, unknown) | a short reply; for a button a window that only who pressed sees | who asked |

On Telegram what is for one person goes to their private chat with the bot, as does a refusal of more than 200 characters;
where they have none, a line in the group says so. An admins' command without the bot's name may be meant for another bot
of the group: whoever may not give it is answered nothing. On Slack the answer to a slash command is seen by who gave it alone, whatever it is. In
a private chat nobody else is there. Where a change or \`undo\` in a group leaves a prompt in force that was set elsewhere,
the answer names the place and not the text. Who writes in a group's name has no private chat: they are asked to give such a
command as themselves.
`;

const scopes = `## How far a setting reaches

| written | holds for |
|---|---|
| \`params temperature 0.7\` | this chat: a Telegram chat, a Slack channel or direct message |
| \`params here temperature 0.7\` | this thread or topic alone |
| \`params workspace temperature 0.7\` | every chat of this Slack workspace |
| \`params everywhere temperature 0.7\` | all chats that have nothing of their own |

The narrowest that is set counts, and every answer says where a value comes from. \`reset\` instead of a value takes it
back; \`params reset\` takes all of a command's settings back.

Everybody may look. Changing is for owners and admins, \`everywhere\` for owners; [access.md](access.md) says who they are
and how they are made. Every change is recorded with who, where, when, from and to: \`audit\` shows the newest of a chat,
\`undo\` takes the last one back that is not taken back yet; both know \`here\`, \`workspace\` and \`everywhere\`, and
\`access\` and \`admins\` for what was decided about people, and nothing else: one setting is taken back by its own
\`reset\`. To everybody else they answer as unknown.
`;

const notes: Readonly<Record<SettingsCommandName, string>> = {
  model: `\`model\` alone shows the model and those that the server offers; a model that its provider ends is marked with the day.
\`model NAME\` sets it, after the model has answered a call of one token; \`model offer gpt-* o3\` restricts what may be
chosen, also by owners; the own admins of a group or workspace cannot set it.`,
  system: `\`system\` alone shows the system prompt, \`system set TEXT\` sets it. It is data: braces, backticks and markup reach the
model as they were written. What \`system values\` adds stands in one last line, so that the prompt before it can be cached.`,
  params: `\`params\` alone shows what is set; what is not set is not sent. The names are the chat API's own. A parameter that a model
refuses by name is left out, said once at the end of the answer, and not sent to that model again for a day, by any process.`,
  mode: `\`mode\` alone shows how the bot answers here. \`native\` is a draft in Telegram's private chats and Slack's own stream in
threads, elsewhere the same as \`edit\`; with \`off\` the sign that it is at work stands until the answer is posted whole.
With \`names off\` people who speak in a group are "person 1", "person 2"; what they write themselves is sent as they
wrote it, mentions included.

\`groups\` and \`threads\` say what is answered that does not call the bot. A message counts as addressed to somebody else
when it mentions or, on Telegram, answers them. On Telegram the bot is sent such messages only with privacy mode off. Who
may not use the bot and does not call it is answered nothing, not even that.

\`overlap\`: with \`queue\` each message is answered for itself, in order; with \`merge\` what waits when an answer begins, up
to 20 messages, is asked and answered as one, whoever wrote it, and each of them may stop that answer; with
\`interrupt\` a new message of the same person stops their running answer, which keeps what is visible and its mark, and
the next answer sees both.`,
};

/** The whole of `docs/commands.md`. */
export function commandsDocument(): string {
  const rows = commands.map(toRow).join("\n");
  const table = `## All of them\n\n| command | what it does | who |\n|---|---|---|\n${rows}\n`;
  const settings = (["model", "system", "params", "mode"] as const).map(settingsSection);
  return [intro, table, faces, scopes, ...settings].join("\n");
}

function toRow({ name, description, who, ...rest }: CommandDeclaration): string {
  const argument = rest.argument === undefined ? "" : ` ${rest.argument}`;
  return `| \`${name}${argument}\` | ${description} | ${who} |`;
}

function settingsSection(command: SettingsCommandName): string {
  const rows = settingsOfCommand(command).map((name) => {
    const { word, about, expected } = settingOf(name);
    return `| \`${word}\` | ${about} | ${expected} |`;
  });
  return `## ${command}\n\n${notes[command]}\n\n| setting | what it is | value |\n|---|---|---|\n${rows.join("\n")}\n`;
}
