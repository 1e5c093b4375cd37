/** Slack's markdown blocks as plain nodes, so that the page needs no parser of its own. */

import MarkdownIt from "markdown-it";

/** Text, or an element with what is in it. */
export type NodeView = string | { readonly tag: Tag; readonly children: readonly NodeView[] };

type Tag = "p" | "h4" | "pre" | "code" | "blockquote" | "ul" | "ol" | "li" | "b" | "i" | "s" | "hr";

const md = new MarkdownIt({ html: false, linkify: false });

/** What the tokens of markdown-it are on the page; of others, links among them, only what is in them is shown. */
const tags: Readonly<Record<string, Tag>> = {
  paragraph: "p",
  heading: "h4",
  blockquote: "blockquote",
  bullet_list: "ul",
  ordered_list: "ol",
  list_item: "li",
  strong: "b",
  em: "i",
  s: "s",
};

type Token = ReturnType<typeof md.parse>[number];

/** Reads `markdown` as CommonMark; no node holds markup or an address. */
export function viewMarkdown(markdown: string): readonly NodeView[] {
  return viewTokens(md.parse(markdown, {}));
}

function viewTokens(tokens: readonly Token[]): readonly NodeView[] {
  const open: { readonly tag: Tag | undefined; readonly children: NodeView[] }[] = [
    { tag: undefined, children: [] },
  ];
  for (const token of tokens) {
    if (token.nesting === 1) open.push({ tag: tags[token.type.replace(/_open$/, "")], children: [] });
    else if (token.nesting === -1) close(open);
    else open.at(-1)?.children.push(...leaf(token));
  }
  return open[0]?.children ?? [];
}

function close(open: { readonly tag: Tag | undefined; readonly children: NodeView[] }[]): void {
  const ended = open.pop();
  if (ended === undefined) return;
  const { tag, children } = ended;
  open.at(-1)?.children.push(...(tag === undefined ? children : [{ tag, children }]));
}

function leaf({ type, content, children }: Token): readonly NodeView[] {
  switch (type) {
    case "inline":
      return viewTokens(children ?? []);
    case "softbreak":
    case "hardbreak":
      return ["\n"];
    case "code_inline":
      return [{ tag: "code", children: [content] }];
    case "fence":
    case "code_block":
      return [{ tag: "pre", children: [{ tag: "code", children: [content.replace(/\n$/, "")] }] }];
    case "hr":
      return [{ tag: "hr", children: [] }];
    default:
      return content === "" ? [] : [content];
  }
}
