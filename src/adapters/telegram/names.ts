/** Display names as Telegram shows them: never used for rights, and bounded before anything keeps them. */

import { nameCharacters } from "./limits.ts";

/** A person's first and last name. */
export function nameOf(person: {
  readonly first_name: string;
  readonly last_name?: string | undefined;
}): string {
  return toName([person.first_name, person.last_name].filter(Boolean).join(" "));
}

/** A group's or channel's title. */
export function titleOf(chat: { readonly title: string }): string {
  return toName(chat.title);
}

/** A name that somebody chose, cut and never inside a character. */
export function toName(name: string): string {
  return [...name.trim()].slice(0, nameCharacters).join("");
}
