/** What commands exist: names, arguments, who may, help. Adapters present them; `run.ts` carries them out. */

/** One command, as every platform presents it. */
export interface CommandDeclaration {
  /** Lower case letters only: the same word is Telegram's `/name`, Slack's `/parley name` and `@bot !name`. */
  readonly name: string;
  /** One line for menus and `/help`, 1–256 characters. */
  readonly description: string;
  /** What may follow the name, for help; absent when nothing may. */
  readonly argument?: string;
  /** `admins`: those of a place as well, as far as the owner allows; `bot admins`: only owners and admins of the bot. */
  readonly who: "everyone" | "admins" | "bot admins";
  /** False: understood, but not offered in menus and help. */
  readonly listed: boolean;
}

/** Every command there is. */
export const commands = [
  { name: "start", description: "Say hello", argument: "code", who: "everyone", listed: false },
  { name: "help", description: "What I can do", who: "everyone", listed: true },
  {
    name: "new",
    description: "Start afresh: I forget this conversation so far",
    who: "everyone",
    listed: true,
  },
  { name: "stop", description: "Stop the answer that is running", who: "everyone", listed: true },
  {
    name: "status",
    description: "What answers here, what goes on; as a reply: why a message was answered or not",
    who: "everyone",
    listed: true,
  },
  { name: "retry", description: "Give the last answer again", who: "everyone", listed: true },
  {
    name: "model",
    description: "Which model answers here; admins can change it",
    argument: "name",
    who: "everyone",
    listed: true,
  },
  {
    name: "system",
    description: "The system prompt here; admins can change it",
    argument: "set text",
    who: "everyone",
    listed: true,
  },
  {
    name: "params",
    description: "The model's parameters here; admins can change them",
    argument: "name value",
    who: "everyone",
    listed: true,
  },
  {
    name: "mode",
    description: "How I answer here: streaming, names, overlaps; admins can change it",
    argument: "name value",
    who: "everyone",
    listed: true,
  },
  { name: "audit", description: "What was changed here", who: "admins", listed: false },
  { name: "undo", description: "Take the last change here back", who: "admins", listed: false },
  {
    name: "allow",
    description: "Who may use me; let somebody in",
    argument: "entry",
    who: "bot admins",
    listed: false,
  },
  { name: "deny", description: "Keep somebody out", argument: "entry", who: "bot admins", listed: false },
  {
    name: "admins",
    description: "Who runs me; owners add and remove admins",
    argument: "add entry",
    who: "bot admins",
    listed: false,
  },
] as const satisfies readonly CommandDeclaration[];

/** The commands that menus and help offer. */
export const listedCommands: readonly CommandDeclaration[] = commands.filter((command) => command.listed);

/**
 * The commands that somebody is offered who may give those for `who`: the listed ones, then what is for admins. What is
 * unlisted for everybody is offered to nobody.
 */
export function offeredTo(who: CommandDeclaration["who"]): readonly CommandDeclaration[] {
  const open: readonly CommandDeclaration["who"][] =
    who === "bot admins" ? ["admins", "bot admins"] : who === "admins" ? ["admins"] : [];
  return [...listedCommands, ...commands.filter((command) => !command.listed && open.includes(command.who))];
}

/** The name of a declared command. */
export type CommandName = (typeof commands)[number]["name"];

/** True for the name of a declared command. */
export function isCommandName(name: string): name is CommandName {
  return commands.some((command) => command.name === name);
}

/** Who may give a command at all; what it changes has rights of its own. */
export function whoMay(name: CommandName): CommandDeclaration["who"] {
  return commands.find((command) => command.name === name)?.who ?? "bot admins";
}
