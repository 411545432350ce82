/** Secrets of tokens: what is kept is their hash. */
import { createHash, timingSafeEqual } from "node:crypto";

export function hashOfSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Compares in the same time whatever differs. */
export function isSecretOf(hash: string, secret: string): boolean {
  const given = Buffer.from(hashOfSecret(secret), "hex");
  const wanted = Buffer.from(hash, "hex");
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
