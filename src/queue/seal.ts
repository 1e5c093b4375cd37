/** Encrypts what must not be readable in a copy of the database: AES-256-GCM, each text bound to its place. */

import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";

/** Encrypts with the first of its keys, reads what any of them encrypted. */
export interface Sealer {
  /** @param place what the text belongs to; the same is needed to open it, so that it cannot be moved */
  seal(text: string, place: string): string;
  /** @throws when no key fits, or when the text or its place was changed */
  open(sealed: string, place: string): { readonly text: string; readonly isOldKey: boolean };
}

interface Key {
  /** Tells which key it was, and nothing about the key. */
  readonly id: string;
  readonly bytes: Buffer;
}

const version = "v1";
const ivBytes = 12;
const tagBytes = 16;

/** Makes a sealer. @param keys 32 random bytes each, the newest first */
export function createSealer(keys: readonly Buffer[]): Sealer {
  const known = keys.map(toKey);
  const [newest] = known;
  if (newest === undefined) throw new Error("A sealer needs a key.");
  return {
    seal: (text, place) => {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv("aes-256-gcm", newest.bytes, iv, { authTagLength: tagBytes });
      cipher.setAAD(boundTo(newest, place));
      const content = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
      return [version, newest.id, iv.toString("base64url"), content.toString("base64url")].join(".");
    },
    open: (sealed, place) => {
      const [found = "", id = "", iv = "", content = ""] = sealed.split(".");
      const key = known.find((candidate) => candidate.id === id);
      if (found !== version || key === undefined) throw new UnknownKey(id);
      return { text: decrypt(key, place, iv, Buffer.from(content, "base64url")), isOldKey: key !== newest };
    },
  };
}

/** Something was encrypted with a key that is not set. */
export class UnknownKey extends Error {
  override readonly name = "UnknownKey";

  constructor(id: string) {
    super(`Encrypted with the key ${id.slice(0, 12)}, which is not set: it may be an earlier one`);
  }
}

function decrypt(key: Key, place: string, iv: string, content: Buffer): string {
  const nonce = Buffer.from(iv, "base64url");
  const decipher = createDecipheriv("aes-256-gcm", key.bytes, nonce, { authTagLength: tagBytes });
  decipher.setAAD(boundTo(key, place));
  decipher.setAuthTag(content.subarray(-tagBytes));
  return Buffer.concat([decipher.update(content.subarray(0, -tagBytes)), decipher.final()]).toString("utf8");
}

/** The key itself serves other purposes too: each has one of its own made from it. */
function toKey(key: Buffer): Key {
  const bytes = Buffer.from(hkdfSync("sha256", key, "", "parley installations", 32));
  return { id: createHash("sha256").update("id").update(bytes).digest("hex").slice(0, 12), bytes };
}

function boundTo(key: Key, place: string): Buffer {
  return Buffer.from(`${version} ${key.id} ${place}`);
}
