/** What a command comes to: what is said, to whom, and what may be chosen then. */

import { z } from "zod";
import { commands, isCommandName } from "./declarations.ts";

const choice = z.object({
  /** What stands on the button; a platform may cut it. */
  label: z.string().min(1),
  command: z.enum(commands.map(({ name }) => name)),
  argument: z.string(),
  /** It is what holds already. */
  isChosen: z.literal(true).exactOptional(),
});

/**
 * A command that can be given by pressing a button. It is the same command then, given by whoever presses, with their
 * rights; its answer takes the place of the message that carried the button.
 */
export type Choice = Readonly<z.output<typeof choice>>;

/**
 * What a command comes to.
 * `audience`: `place`: everybody there may read it. `person`: it concerns who gave the command, and only they are to see
 * it wherever the platform can do that.
 */
export const commandAnswer = z.object({
  /** Markdown. */
  text: z.string(),
  audience: z.enum(["place", "person"]),
  /** Rows of buttons under the text. */
  choices: z.array(z.array(choice).readonly()).readonly().exactOptional(),
  /**
   * A longer text is wanted: what is replied to this answer (or written into the form that it opens) is the text of that
   * command, exactly as it was written.
   */
  wants: z.object({ command: choice.shape.command, argument: z.string() }).readonly().exactOptional(),
  /** Nothing was done: where it answers a button, the message with the button stays as it is. */
  refused: z.literal(true).exactOptional(),
});

/** What a command comes to. */
export type CommandAnswer = Readonly<z.output<typeof commandAnswer>>;

/** An answer for everybody in the place. */
export function toPlace(text: string, choices?: CommandAnswer["choices"]): CommandAnswer {
  return { text, audience: "place", ...(choices === undefined ? {} : { choices }) };
}

/** An answer for who gave the command. */
export function toPerson(text: string, choices?: CommandAnswer["choices"]): CommandAnswer {
  return { text, audience: "person", ...(choices === undefined ? {} : { choices }) };
}

/** Tells the person why nothing was done. */
export function refusing(text: string): CommandAnswer {
  return { text, audience: "person", refused: true };
}

/** A command as one line of text, as a button means it. */
export function toLine({ command, argument }: Pick<Choice, "command" | "argument">): string {
  return argument === "" ? command : `${command} ${argument}`;
}

/** Reads such a line like a typed command: nothing in a button is trusted. Undefined when it names no command. */
export function parseLine(line: string): Pick<Choice, "command" | "argument"> | undefined {
  const [, command = "", argument = ""] = /^(\S*)\s*(.*)$/s.exec(line.trim()) ?? [];
  return isCommandName(command) ? { command, argument } : undefined;
}
