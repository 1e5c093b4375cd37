/** Puts a line of the bot's own under a reply that may have stopped anywhere in its markup. */

const fence = /^(?: {0,3}|.*[>\-+*.)][ \t]+)(?<marker>`{3,}|~{3,})(?<info>[^\n]*)$/;

/**
 * `markdown` with `mark` as a paragraph of its own. A fence that is still open is closed first, so that the mark
 * does not become code; lists, quotes and emphasis end by themselves at an empty line.
 */
export function marked(markdown: string, mark: string): string {
  const open = openFence(markdown);
  return `${markdown.trimEnd()}${open === undefined ? "" : `\n${open}`}\n\n${mark}`.trimStart();
}

/** The marker that closes the fence still open at the end of `markdown`. */
function openFence(markdown: string): string | undefined {
  let open: string | undefined;
  for (const line of markdown.split("\n")) {
    const { marker, info } = fence.exec(line)?.groups ?? {};
    if (marker === undefined || info === undefined) continue;
    if (open === undefined) {
      if (marker.startsWith("~") || !info.includes("`")) open = marker;
    } else if (marker.startsWith(open) && info.trim() === "") open = undefined;
  }
  return open;
}
