/**
 * Passwords as hashes: argon2id in PHC form, `$argon2id$v=19$m=…,t=…,p=…$salt$hash`.
 * Hashes of the first homes, `scrypt$N$r$p$salt$hash`, are still checked.
 */
import {
  argon2,
  randomBytes,
  scrypt,
  timingSafeEqual,
  type Argon2Parameters,
} from "node:crypto";

/** OWASP's second choice: 19 MiB, two passes, one lane. */
const cost = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const tagLength = 32;
const saltLength = 16;

async function deriveArgon2(parameters: Argon2Parameters): Promise<Buffer> {
  return new Promise((done, fail) => {
    argon2("argon2id", parameters, (error, key) => {
      if (error) fail(error);
      else done(key);
    });
  });
}

const bare = (bytes: Buffer): string =>
  bytes.toString("base64").replace(/=+$/, "");

export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(saltLength);
  const { memory, passes, parallelism } = cost;
  const message = password.normalize("NFC");
  const key = await deriveArgon2({ ...cost, message, nonce, tagLength });
  return `$argon2id$v=19$m=${String(memory)},t=${String(passes)},p=${String(parallelism)}$${bare(nonce)}$${bare(key)}`;
}

const phc = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/;

async function isArgon2(password: string, text: string): Promise<boolean> {
  const [, m, t, p, salt = "", hash = ""] = phc.exec(text) ?? [];
  const wanted = Buffer.from(hash, "base64");
  if (wanted.length < 16) return false;
  const made = await deriveArgon2({
    message: password.normalize("NFC"),
    nonce: Buffer.from(salt, "base64"),
    memory: Number(m),
    passes: Number(t),
    parallelism: Number(p),
    tagLength: wanted.length,
  });
  return timingSafeEqual(made, wanted);
}

async function isScrypt(password: string, text: string): Promise<boolean> {
  const [, n, r, p, salt = "", hash = ""] = text.split("$");
  const wanted = Buffer.from(hash, "base64");
  if (wanted.length < 16) return false;
  const options = { N: Number(n), r: Number(r), p: Number(p) };
  const made = await new Promise<Buffer>((done, fail) => {
    const from = Buffer.from(salt, "base64");
    scrypt(password, from, wanted.length, options, (error, key) => {
      if (error) fail(error);
      else done(key);
    });
  });
  return timingSafeEqual(made, wanted);
}

/** True when the password has the hash; false for a hash of no known form. */
export async function isPassword(
  password: string,
  text: string,
): Promise<boolean> {
  if (text.startsWith("scrypt$")) return isScrypt(password, text);
  return phc.test(text) && isArgon2(password, text);
}
