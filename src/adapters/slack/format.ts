/** A reply in Slack's form: mrkdwn in section blocks, and the same as text [platform-facts B6, B10]. */

import { z } from "zod";
import { bestCut } from "../../core/markdown/cuts.ts";
import { fingerprintOf } from "../../core/markdown/fingerprint.ts";
import { layout } from "../../core/markdown/layout.ts";
import { createPager } from "../../core/markdown/pager.ts";
import { isBlank } from "../../core/markdown/sanitise.ts";
import { sliced } from "../../core/markdown/slice.ts";
import { type Block, blockStart } from "../../core/markdown/tree.ts";
import type { Page, ReplyRenderer } from "../../core/platform/page.ts";
import { toMrkdwn, toPlain } from "./format-mrkdwn.ts";
import { type StreamText, toStreamText } from "./format-stream.ts";

const sectionSchema = z.object({
  type: z.literal("section"),
  /** Shown whole, without "see more". */
  expand: z.literal(true),
  /** `verbatim`: Slack looks for no names, channels and addresses of its own. */
  text: z.object({
    type: z.literal("mrkdwn"),
    text: z.string().min(1).max(3_000),
    verbatim: z.literal(true),
  }),
});

const streamSchema = z.object({ markdown: z.string(), exact: z.boolean() });

const bodySchema = z.object({
  text: z.string(),
  blocks: z.array(sectionSchema),
  stream: streamSchema.readonly().exactOptional(),
});

export type SlackSection = Readonly<z.infer<typeof sectionSchema>>;

const streamBodySchema = z.object({ stream: streamSchema });

/** What `chat.postMessage` and `chat.update` take. */
export interface SlackBody {
  readonly text: string;
  readonly blocks: readonly SlackSection[];
  /** The same for a stream, where streams are on. */
  readonly stream?: StreamText;
}

/** `chat.update` refuses a text of more than 4,000 characters; pages stay below it and leave room for {@link prefixed}. */
const maxPageUtf16 = 3_800;
const reservedUtf16 = 64;
/** A section takes 3,000 characters. */
const maxSectionUtf16 = 2_900;
/** A table wider than this is written row by row. */
const tableColumns = 76;

interface Rendered {
  readonly blocks: readonly Block[];
  readonly text: string;
}

/** Renders one reply for Slack. @param forStreams pages may be streamed as well */
export function createSlackRenderer(forStreams = false): ReplyRenderer {
  const sections = createSectioner();
  const pager = createPager<Rendered>({
    render: (blocks) => ({ blocks, text: mrkdwn(blocks) }),
    fill: ({ text }) => text.length / (maxPageUtf16 - reservedUtf16),
    toPage: ({ blocks, text }, growing) => {
      const pieces = layout(blocks, { tableColumns });
      const plain = toPlain(pieces);
      if (isBlank(plain)) return undefined;
      const body = { text, blocks: sections(blocks, text).map(section) };
      return toPage(forStreams ? { ...body, stream: toStreamText(pieces, growing) } : body, plain);
    },
  });
  return { render: pager.render, prefixed };
}

/** The same page with `words` on a line in front. It fits as long as they take at most 31 UTF-16 units. */
export function prefixed(page: Page, words: string): Page {
  const { text, blocks } = parseSlackBody(page.body);
  const [first, ...rest] = blocks;
  const front = first ? [section(`${words}\n${first.text.text}`)] : [];
  return toPage({ text: `${words}\n${text}`, blocks: [...front, ...rest] }, `${words}\n${page.plain}`);
}

/**
 * Reads a body back from storage.
 * @throws ZodError when `body` is none
 */
export function parseSlackBody(body: unknown): SlackBody {
  return bodySchema.parse(body);
}

/** The page as a stream shows it; undefined where streams are off, and for a page without formatting. */
export function parseStreamText(body: unknown): StreamText | undefined {
  return streamBodySchema.safeParse(body).data?.stream;
}

function toPage(body: SlackBody, plain: string): Page {
  return { fingerprint: fingerprintOf(body), plain, body };
}

function section(text: string): SlackSection {
  return { type: "section", expand: true, text: { type: "mrkdwn", text, verbatim: true } };
}

function mrkdwn(blocks: readonly Block[]): string {
  return toMrkdwn(layout(blocks, { tableColumns }));
}

/** Cuts pages into sections. A page that grows keeps its first cut, which is dear to find, as long as it serves. */
function createSectioner(): (blocks: readonly Block[], text: string) => string[] {
  let known = { start: Number.NaN, cut: 0 };
  return (blocks, text) => {
    if (text.length <= maxSectionUtf16) return isBlank(text) ? [] : [text];
    const start = blocks[0] ? blockStart(blocks[0]) : 0;
    const cut = start === known.start && serves(blocks, known.cut) ? known.cut : sectionCut(blocks, text);
    if (cut === undefined) return chopped(text);
    known = { start, cut };
    return [mrkdwn(sliced(blocks, Number.NEGATIVE_INFINITY, cut)), ...sections(after(blocks, cut))];
  };
}

function serves(blocks: readonly Block[], cut: number): boolean {
  const first = mrkdwn(sliced(blocks, Number.NEGATIVE_INFINITY, cut));
  return !isBlank(first) && first.length <= maxSectionUtf16;
}

function sections(blocks: readonly Block[]): string[] {
  const text = mrkdwn(blocks);
  if (text.length <= maxSectionUtf16) return isBlank(text) ? [] : [text];
  const cut = sectionCut(blocks, text);
  if (cut === undefined) return chopped(text);
  return [mrkdwn(sliced(blocks, Number.NEGATIVE_INFINITY, cut)), ...sections(after(blocks, cut))];
}

function sectionCut(blocks: readonly Block[], text: string): number | undefined {
  const fill = (part: readonly Block[]) => mrkdwn(part).length / maxSectionUtf16;
  return bestCut(blocks, Number.NEGATIVE_INFINITY, fill, text.length / maxSectionUtf16);
}

function after(blocks: readonly Block[], cut: number): Block[] {
  return sliced(blocks, cut, Number.POSITIVE_INFINITY);
}

/** A single table row that fills more than a section: cut at a line's end where there is one. */
function chopped(text: string): string[] {
  const parts: string[] = [];
  for (let rest = text; rest !== ""; ) {
    const lineEnd = rest.lastIndexOf("\n", maxSectionUtf16);
    const isLast = rest.length <= maxSectionUtf16;
    const end = isLast ? rest.length : lineEnd > 0 ? lineEnd : wholeCharacters(rest, maxSectionUtf16);
    if (!isBlank(rest.slice(0, end))) parts.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return parts;
}

/** The largest end up to `end` that stands neither inside an escape nor between two surrogates. */
function wholeCharacters(text: string, end: number): number {
  const entity = text.lastIndexOf("&", end - 1);
  if (entity > end - 5 && text.indexOf(";", entity) >= end) return entity;
  return /[\udc00-\udfff]/.test(text.charAt(end)) ? end - 1 : end;
}
