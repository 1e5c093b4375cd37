/** A certificate for 127.0.0.1 and localhost, made anew for each run: no key lies in the repository. */

import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { getCACertificates, setDefaultCACertificates } from "node:tls";

/** What a TLS server is made from. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** Makes a certificate that signs itself and is good for a day. */
export function makeCertificate(): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const body = toBeSigned(publicKey);
  const signature = sign("sha256", body, privateKey);
  const der = sequence(body, algorithm, bits(signature));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`,
  };
}

/** Makes this process trust `certificate` until it is disposed of. */
export function trust({ cert }: Certificate): Disposable {
  const before = getCACertificates();
  setDefaultCACertificates([...before, cert]);
  return { [Symbol.dispose]: () => setDefaultCACertificates(before) };
}

/** One element of DER: tag, length, content. */
function element(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...contents: readonly Uint8Array[]) => element(0x30, ...contents);
const bits = (content: Uint8Array) => element(0x03, Buffer.from([0]), content);
const oid = (hex: string) => element(0x06, Buffer.from(hex, "hex"));
const ecdsaWithSha256 = oid("2a8648ce3d040302");
const commonName = oid("550403");
const subjectAltName = oid("551d11");
const basicConstraints = oid("551d13");
const algorithm = sequence(ecdsaWithSha256);

function toBeSigned(publicKey: KeyObject): Buffer {
  // A name of its own: its issuer is looked for by name.
  const label = Buffer.from(`test ${randomBytes(8).toString("hex")}`);
  const name = sequence(element(0x31, sequence(commonName, element(0x0c, label))));
  const names = sequence(element(0x87, Buffer.from([127, 0, 0, 1])), element(0x82, Buffer.from("localhost")));
  const isAuthority = sequence(element(0x01, Buffer.from([0xff])));
  const extensions = sequence(
    sequence(subjectAltName, element(0x04, names)),
    sequence(basicConstraints, element(0x04, isAuthority)),
  );
  const now = Date.now();
  return sequence(
    element(0xa0, element(0x02, Buffer.from([2]))),
    element(0x02, Buffer.from([1]), randomBytes(8)),
    algorithm,
    name,
    sequence(time(now - 3_600_000), time(now + 86_400_000)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    element(0xa3, extensions),
  );
}

function time(atMs: number): Buffer {
  const [date = "", clock = ""] = new Date(atMs).toISOString().split("T");
  return element(0x18, Buffer.from(`${date.replaceAll("-", "")}${clock.slice(0, 8).replaceAll(":", "")}Z`));
}
