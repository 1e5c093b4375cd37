/** Addresses of the parties: which are well-formed, and which would give secrets away. */

import { isIP } from "node:net";
import { checked, type SettingType } from "./values.ts";

/**
 * A base address over http or https, without user, query or fragment.
 * @param ending what its path must end in; without it a trailing slash is taken off
 */
export function baseUrl(ending?: string): SettingType<string> {
  return checked(
    (text) => baseUrlFault(text.trim(), ending),
    (text) => (ending === undefined ? text.trim().replace(/\/+$/, "") : text.trim()),
  );
}

function baseUrlFault(text: string, ending: string | undefined): string | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    return "takes an address that begins with https:// or http://.";
  if (url.username !== "" || url.password !== "") return "must not hold a user name or password.";
  if (url.search !== "" || url.hash !== "") return "takes an address without ? and #.";
  if (ending !== undefined && !url.pathname.endsWith(ending))
    return `takes an address that ends in ${ending}.`;
  return undefined;
}

/** The address of a webhook: its path is served by us, so it is one that needs no decoding. */
export const webhookUrl: SettingType<string> = checked(
  (text) => baseUrlFault(text.trim(), undefined) ?? webhookFault(new URL(text.trim())),
  (text) => text.trim(),
);

function webhookFault({ pathname }: URL): string | undefined {
  if (pathname === "/livez" || pathname === "/readyz")
    return `takes another path: ${pathname} is ours already.`;
  if (/^\/[\w.~/-]*$/.test(pathname)) return undefined;
  return "takes a path of A–Z, a–z, 0–9, -, _, ., ~ and / only.";
}

/** The host of an address in the form in which it is compared: lower case, IPv6 without brackets. */
function hostOf(address: string): string {
  return (URL.parse(address)?.hostname ?? "").toLowerCase().replaceAll(/[[\]]/g, "").replace(/\.$/, "");
}

/** True when the host is this machine. */
function isLoopback(host: string): boolean {
  if (host === "localhost" || host.endsWith(".localhost") || host === "::1") return true;
  return isIP(host) === 4 && host.startsWith("127.");
}

/** True when the host is where clouds hand out their machines' credentials, or link-local like it. */
function isMetadata(host: string): boolean {
  if (["metadata.google.internal", "metadata", "100.100.100.200", "fd00:ec2::254"].includes(host))
    return true;
  return (
    /^169\.254\./.test(host) || /^fe[89ab][\da-f]:/.test(host) || /^::ffff:(a9fe:|6464:64c8$)/.test(host)
  );
}

/**
 * Why secrets must not be sent to `address`, or undefined when they may.
 * @param allowed hosts that the operator has named as trusted in spite of it
 */
export function exposure(address: string, allowed: readonly string[]): string | undefined {
  const host = hostOf(address);
  if (allowed.some((name) => name.replaceAll(/[[\]]/g, "") === host)) return undefined;
  if (isMetadata(host))
    return `points at a cloud's metadata address. If that is meant: INSECURE_HOSTS=${host}`;
  if (URL.parse(address)?.protocol === "http:" && !isLoopback(host)) {
    return `would send secrets unencrypted to another host. Use https://, or, in a network you trust: INSECURE_HOSTS=${host}`;
  }
  return undefined;
}

/** Why `text` is not an address of an HTTP proxy, or undefined when it is one. */
export function proxyUrlFault(text: string): string | undefined {
  const url = URL.parse(text.trim());
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === "") {
    return "takes the address of a proxy that knows CONNECT: http://… or https://…";
  }
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") return "takes an address without a path.";
  const isReadable = [url.username, url.password].every((part) => decoded(part) !== undefined);
  return isReadable ? undefined : "has a % in the user name or password that begins no escape; write it %25.";
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    // A lone % sign: nobody can tell what was meant.
    return undefined;
  }
}

/** True when a proxy's password would travel unencrypted to another host. */
export function showsPassword(proxyUrl: string): boolean {
  const url = URL.parse(proxyUrl);
  return url?.protocol === "http:" && url.password !== "" && !isLoopback(hostOf(proxyUrl));
}

/**
 * Why secrets must not be sent to `address` through a proxy, or undefined when they may: without TLS the proxy and
 * everybody behind it reads along, and "this machine" is then the proxy's.
 * @param allowed hosts that the operator has named as trusted in spite of it
 */
export function proxiedExposure(
  address: string,
  proxyUrl: string,
  allowed: readonly string[],
): string | undefined {
  const host = hostOf(address);
  if (URL.parse(address)?.protocol !== "http:" || isLoopback(hostOf(proxyUrl))) return undefined;
  if (allowed.some((name) => name.replaceAll(/[[\]]/g, "") === host)) return undefined;
  return `would send secrets unencrypted through the proxy. Use https://, or, where you trust all that lies between: INSECURE_HOSTS=${host}`;
}

/** True when Redis would be reached unencrypted over what looks like the open internet. */
export function isOpenRedis(address: string): boolean {
  const host = hostOf(address);
  if (URL.parse(address)?.protocol !== "redis:" || isLoopback(host) || !host.includes(".")) return false;
  return !/^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)|\.(internal|local|lan)$/.test(host);
}

/** Why `text` is not an address of a Redis server, or undefined when it is one. A path is a Unix socket. */
export function redisUrlFault(text: string): string | undefined {
  if (/^\/[^/]/.test(text)) return undefined;
  const url = URL.parse(text);
  if (url === null || !/^rediss?:$/.test(url.protocol)) {
    return "takes redis://…, rediss://… or the path of a Unix socket.";
  }
  return url.hostname === "" ? "names no host." : undefined;
}
