/** A rich message as readable text: what a person reads of it, bounded in length and depth [platform-facts A7]. */

import { words } from "../../core/words.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Telegram allows 16 levels of blocks; formatted texts nest within them. */
const deepest = 40;

const media: Readonly<Record<string, string>> = {
  animation: words.content.animation,
  audio: words.content.audio,
  document: words.content.document,
  map: words.content.location,
  photo: words.content.photo,
  video: words.content.video,
  voice_note: words.content.voice,
};

/**
 * The text of a `rich_message`, paragraphs apart, lists and tables in lines.
 * @param richMessage as it came; what is not understood is left out
 * @param mostUtf16 more is not read
 */
export function toReadableText(richMessage: unknown, mostUtf16: number): string {
  const reader = new RichReader(mostUtf16);
  return reader.blocks(fieldsOf(richMessage).blocks, 0).slice(0, mostUtf16).trim();
}

/** Reads until its room is used up, so that a hostile message costs no more than a long one. */
class RichReader {
  #left: number;

  constructor(mostUtf16: number) {
    this.#left = mostUtf16;
  }

  blocks(given: unknown, depth: number): string {
    const texts = listOf(given, depth).map((block) => this.#block(fieldsOf(block), depth + 1));
    return texts.filter((text) => text !== "").join("\n\n");
  }

  #block(block: Fields, depth: number): string {
    switch (block.type) {
      case "list":
        return this.#list(block, depth);
      case "table":
        return this.#table(block, depth);
      case "details":
        return joined("\n", this.#text(block.summary, depth), this.blocks(block.blocks, depth));
      case "pre":
        return `\`\`\`\n${this.#text(block.text, depth)}\n\`\`\``;
      case "mathematical_expression":
        return this.#take(block.expression);
      default:
        return joined(
          "\n",
          bracketed(media[String(block.type)]),
          this.#text(block.text, depth),
          this.blocks(block.blocks, depth),
          this.#caption(block.caption, depth),
        );
    }
  }

  #caption(caption: unknown, depth: number): string {
    const { text, credit } = fieldsOf(caption);
    return joined("\n", this.#text(text ?? caption, depth), this.#text(credit, depth));
  }

  #list(block: Fields, depth: number): string {
    const items = listOf(block.items, depth).map((item) => {
      const { label, blocks, has_checkbox: box, is_checked: checked } = fieldsOf(item);
      const mark = box === true ? (checked === true ? "[x]" : "[ ]") : this.#take(label);
      return joined(" ", mark, this.blocks(blocks, depth + 1));
    });
    return items.filter((item) => item !== "").join("\n");
  }

  #table(block: Fields, depth: number): string {
    const rows = listOf(block.cells, depth).map((row) =>
      listOf(row, depth)
        .map((cell) => this.#text(fieldsOf(cell).text, depth))
        .join(" | "),
    );
    return joined("\n", this.#text(block.caption, depth), ...rows);
  }

  /** A `RichText`: a string, a list of such, or a formatted one. */
  #text(given: unknown, depth: number): string {
    if (typeof given === "string") return this.#take(given);
    if (Array.isArray(given))
      return listOf(given, depth)
        .map((part) => this.#text(part, depth + 1))
        .join("");
    const { text, alternative_text: emoji, expression, button } = fieldsOf(given);
    if (depth > deepest || button !== undefined) return "";
    return text === undefined ? this.#take(emoji ?? expression) : this.#text(text, depth + 1);
  }

  #take(text: unknown): string {
    if (typeof text !== "string" || this.#left <= 0) return "";
    this.#left -= text.length;
    return text;
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

/** Nothing below the deepest level. */
function listOf(value: unknown, depth: number): readonly unknown[] {
  return Array.isArray(value) && depth <= deepest ? value : [];
}

function bracketed(words: string | undefined): string {
  return words === undefined ? "" : `[${words}]`;
}

function joined(between: string, ...texts: readonly string[]): string {
  return texts.filter((text) => text !== "").join(between);
}
