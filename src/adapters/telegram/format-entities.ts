/** Pieces of a reply → a text with entities, which Telegram cannot fail to parse. */

import type { CodePiece, Piece, TextPiece } from "../../core/markdown/layout.ts";
import { bareAddress } from "../../core/markdown/links.ts";
import type { Run } from "../../core/markdown/runs.ts";
import type { TelegramBody, TelegramEntity } from "./format.ts";

/** What lies beyond the 100th entity is dropped by Telegram (rubenlagus/TelegramBots#854). */
const maxEntities = 100;

/** The most important first: what is lost last when there are too many. */
const importance = ["pre", "text_link", "blockquote", "code", "bold", "italic", "strikethrough"] as const;

/** The outermost first, of entities that cover the same text. */
const outerFirst: readonly EntityType[] = [
  "blockquote",
  "text_link",
  "bold",
  "italic",
  "strikethrough",
  "code",
  "pre",
];

type EntityType = TelegramEntity["type"];

/** A style that has begun and not ended. */
interface Open {
  readonly type: EntityType;
  readonly url: string | undefined;
  readonly start: number;
}

/**
 * The body that shows `pieces`. Empty text when nothing is visible.
 * @param names whether a name behind an `@` becomes a mention, of which its owner is told where others are present
 */
export function toBody(pieces: readonly Piece[], names: "mentions" | "inert"): TelegramBody {
  const writer = new EntityWriter(names);
  for (const piece of pieces) writer.add(piece);
  return writer.end();
}

class EntityWriter {
  readonly #names: "mentions" | "inert";
  #text = "";
  readonly #entities: TelegramEntity[] = [];
  /** Open styles of the current piece, the outermost first. */
  #open: Open[] = [];
  #quote: { readonly id: number; readonly start: number } | undefined;

  constructor(names: "mentions" | "inert") {
    this.#names = names;
  }

  add(piece: Piece): void {
    if (piece.quote !== this.#quote?.id) this.#endQuote();
    if (this.#text !== "") this.#text += "\n".repeat(piece.gap);
    if (piece.quote !== undefined && this.#quote === undefined) {
      this.#quote = { id: piece.quote, start: this.#text.length };
    }
    if (piece.kind === "code") this.#addCode(piece);
    else this.#addText(piece);
  }

  end(): TelegramBody {
    this.#endQuote();
    return { text: this.#text, entities: withinLimit(this.#entities) };
  }

  #endQuote(): void {
    if (this.#quote) this.#entity("blockquote", this.#quote.start);
    this.#quote = undefined;
  }

  #addText({ runs }: TextPiece): void {
    for (const run of runs) {
      this.#change(looksOf(run), run.url);
      // A page may go on inside an indented item; Telegram takes spaces off a message's beginning.
      const text = withoutTabs(this.#text === "" ? run.text.trimStart() : run.text);
      const isLiteral = run.code || run.url !== undefined || this.#names === "mentions";
      this.#text += isLiteral ? text : withoutMentions(text);
    }
    this.#change([], undefined);
  }

  #addCode({ text, language }: CodePiece): void {
    const start = this.#text.length;
    // Telegram moves leading spaces out of an entity and then off the message; no-break spaces stay.
    this.#text += withoutTabs(text).replace(/^ +/, (spaces) => "\u00a0".repeat(spaces.length));
    const length = this.#text.length - start;
    this.#entities.push({
      type: "pre",
      offset: start,
      length,
      ...(language === undefined ? {} : { language }),
    });
  }

  /** Ends the styles that do not go on, and those inside them; begins what is missing. So entities always nest. */
  #change(wanted: readonly EntityType[], url: string | undefined): void {
    const goesOn = ({ type, url: opened }: Open) =>
      wanted.includes(type) && opened === (type === "text_link" ? url : undefined);
    const firstEnding = this.#open.findIndex((open) => !goesOn(open));
    const ending = firstEnding < 0 ? [] : this.#open.splice(firstEnding);
    for (const { type, start, url: opened } of ending) this.#entity(type, start, opened);
    for (const type of wanted) {
      if (this.#open.some((open) => open.type === type)) continue;
      this.#open.push({ type, start: this.#text.length, url: type === "text_link" ? url : undefined });
    }
  }

  /** An entity from `start` to here, without white space at its ends; none when nothing else is in it. */
  #entity(type: EntityType, start: number, url?: string): void {
    const covered = this.#text.slice(start);
    const length = covered.trim().length;
    if (length === 0) return;
    const offset = start + covered.length - covered.trimStart().length;
    this.#entities.push({ type, offset, length, ...(url === undefined ? {} : { url }) });
  }
}

function looksOf(run: Run): EntityType[] {
  if (run.code) return ["code"];
  const looks: EntityType[] = run.url === undefined ? [] : ["text_link"];
  if (run.bold) looks.push("bold");
  if (run.italic) looks.push("italic");
  if (run.strike) looks.push("strikethrough");
  return looks;
}

const addressOrName = new RegExp(`${bareAddress.source}|(?<!\\w)@(?=\\w{2})`, "g");

/**
 * Telegram makes a mention of every name behind an `@` that is not part of another word or of what it takes for an
 * address [TD:td/telegram/MessageEntity.cpp]. A word joiner shows nothing and makes it an ordinary word; an address would
 * be broken by that, and means the same with the `@` as `%40`.
 */
function withoutMentions(text: string): string {
  if (!text.includes("@")) return text;
  return text.replace(addressOrName, (found) => (found === "@" ? "@\u2060" : found.replaceAll("@", "%40")));
}

/** Telegram turns a tab into one space, which would undo indentation. */
function withoutTabs(text: string): string {
  return text.includes("\t") ? text.replaceAll("\t", "    ") : text;
}

/** In Telegram's order: by offset, the outer before the inner. */
function withinLimit(entities: readonly TelegramEntity[]): TelegramEntity[] {
  const rank = ({ type }: TelegramEntity) => importance.indexOf(type);
  const kept =
    entities.length > maxEntities
      ? entities.toSorted((a, b) => rank(a) - rank(b)).slice(0, maxEntities)
      : entities;
  const depth = ({ type }: TelegramEntity) => outerFirst.indexOf(type);
  return kept.toSorted((a, b) => a.offset - b.offset || b.length - a.length || depth(a) - depth(b));
}
