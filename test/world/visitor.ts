/** Somebody with a browser: follows redirects, keeps cookies, reads pages. No page of ours needs more. */

/** What a visit ends at. */
export interface Visit {
  readonly status: number;
  /** The address of the page, as its bar shows it. */
  readonly url: string;
  readonly text: string;
  readonly headers: Headers;
}

/** One browser with its cookies. */
export class Visitor {
  readonly #cookies = new Map<string, string>();
  readonly #hosts: ReadonlyMap<string, string>;

  /** @param hosts public origins and where they really are, as a name server and a proxy would know them */
  constructor(hosts: ReadonlyMap<string, string> = new Map()) {
    this.#hosts = hosts;
  }

  /** Opens an address and follows it to a page. @param before sees every address on the way; false ends the visit there */
  async visits(address: string, before: (url: URL) => boolean = () => true): Promise<Visit> {
    let url = new URL(address);
    for (let hops = 0; hops < 10; hops += 1) {
      const answer = await this.#asks(url);
      const text = await answer.text();
      const location = answer.headers.get("location");
      const next = location === null ? undefined : new URL(location, url);
      if (next === undefined || !before(next))
        return { status: answer.status, url: (next ?? url).href, text, headers: answer.headers };
      url = next;
    }
    throw new Error(`No end of redirects at ${address}`);
  }

  /** The cookies of `host`, as scripts would not see them. */
  get cookies(): ReadonlyMap<string, string> {
    return this.#cookies;
  }

  async #asks(url: URL): Promise<Response> {
    const origin = this.#hosts.get(url.origin) ?? url.origin;
    const cookies = [...this.#cookies].filter(([name]) => name.startsWith(`${url.host} `));
    const cookie = cookies.map(([name, value]) => `${name.split(" ")[1]}=${value}`).join("; ");
    const headers = cookie === "" ? {} : { cookie };
    const answer = await fetch(`${origin}${url.pathname}${url.search}`, { headers, redirect: "manual" });
    for (const set of answer.headers.getSetCookie()) this.#keeps(url.host, set);
    return answer;
  }

  #keeps(host: string, set: string): void {
    const [pair = "", ...attributes] = set.split(";").map((part) => part.trim());
    const [name = "", value = ""] = pair.split("=");
    const ended = attributes.some((one) => /^expires=/i.test(one) && Date.parse(one.slice(8)) < Date.now());
    if (ended) this.#cookies.delete(`${host} ${name}`);
    else this.#cookies.set(`${host} ${name}`, value);
  }
}
