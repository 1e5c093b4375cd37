/** Which addresses a reply may link to, and whether a link's label tells the truth about them. */

const maxUrl = 2_048;
const schemes = new Set(["http:", "https:", "mailto:"]);
const hostLike =
  /(?:https?:\/\/)?(?:[^\s/@]{1,64}@)?((?:[\p{L}\p{N}-]{1,63}\.){1,8}[\p{L}][\p{L}\p{N}-]{1,62})/giu;
/** Endings of file and library names that are no top-level domains: `Node.js` is not a host. */
const fileEndings =
  /\.(?:[cm]?jsx?|[cm]?tsx?|json|ya?ml|toml|txt|css|html?|xml|php|cpp|rb|kt|lock|conf|cfg|ini|env|pdf|csv|png|jpe?g|gif|svg|exe|dll|sql|go|vue)$/i;

/** An address that stands in a text by itself, without the punctuation behind it. To be used with `matchAll`. */
export const bareAddress = /https?:\/\/[^\s<>"`|]*[^\s<>"`|.,:;!?'()[\]{}*_~]/g;

/** The address in a normal form, or undefined when it may not be linked to. */
export function allowedUrl(href: string): string | undefined {
  if (href.length > maxUrl) return undefined;
  try {
    const url = new URL(href);
    if (!schemes.has(url.protocol) || url.href.length > maxUrl) return undefined;
    return url.href;
  } catch {
    // Relative or broken: there is nothing to link to.
    return undefined;
  }
}

/**
 * The host to show beside a link whose label looks like another address; undefined when the label does not mislead.
 * A label that names a parent of the true host is honest: `example.com` for `docs.example.com`.
 */
export function trueHost(label: string, url: string): string | undefined {
  const { protocol, hostname, pathname } = new URL(url);
  const host = protocol === "mailto:" ? pathname.slice(pathname.lastIndexOf("@") + 1) : hostname;
  for (const [, found] of plainDots(label.slice(0, maxUrl)).matchAll(hostLike)) {
    const claimed = asciiHost(found ?? "");
    if (fileEndings.test(claimed) || claimed === host || host.endsWith(`.${claimed}`)) continue;
    return host;
  }
  return undefined;
}

/** Dots and letters of every width as browsers read them in an address. */
function plainDots(label: string): string {
  return label.normalize("NFKC").replaceAll("\u3002", ".");
}

function asciiHost(host: string): string {
  try {
    return new URL(`http://${host}`).hostname.replace(/^www\./, "");
  } catch {
    // Not a host that anybody could visit, so it stays as it is and differs from every true one.
    return host.toLowerCase();
  }
}
