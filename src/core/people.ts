/** People who are told apart and not named, where somebody has chosen that the model learns no names. Pure. */

import type { QuotedMessage } from "./background-text.ts";
import { type ContextEntry, speakerName } from "./context.ts";
import type { HistoryEntry } from "./turn-store.ts";
import { words } from "./words.ts";

/**
 * The number under which `speaker` goes in a conversation, kept with what they say: the one that the history has for them,
 * else the next. People of the same name are one, as they are where names are told.
 */
export function personNumber(
  speaker: string,
  history: readonly Pick<HistoryEntry, "speaker" | "person">[],
): number {
  const known = history.find((entry) => entry.speaker === speaker && entry.person !== undefined);
  return known?.person ?? Math.max(0, ...history.map(({ person = 0 }) => person)) + 1;
}

/** `entry` as it is told without names. Its count of tokens stays: a number is no longer than a name by more than a token or two. */
export function withoutName<Entry extends ContextEntry & Pick<HistoryEntry, "person">>(entry: Entry): Entry {
  const { speaker, person, quote } = entry;
  return {
    ...entry,
    ...(speaker === undefined
      ? {}
      : { speaker: person === undefined ? words.someone : words.person(person) }),
    ...(quote?.speaker === undefined ? {} : { quote: { ...quote, speaker: words.someone } }),
  };
}

/** A background without names: who speaks in the history as well has the number from there. @param history with names */
export function backgroundWithoutNames(
  background: readonly QuotedMessage[],
  history: readonly HistoryEntry[],
): readonly QuotedMessage[] {
  const numbers = new Map<string, number>();
  for (const { speaker, person } of history) {
    if (speaker !== undefined && person !== undefined) numbers.set(speakerName(speaker), person);
  }
  let last = Math.max(0, ...numbers.values());
  return background.map((message) => {
    const [, name = "", rest = ""] = /^> ([^:]*):(.*)$/s.exec(message.quote) ?? [];
    if (name === words.background.self) return message;
    const number = numbers.get(name) ?? ++last;
    numbers.set(name, number);
    return { ...message, quote: `> ${words.person(number)}:${rest}` };
  });
}
