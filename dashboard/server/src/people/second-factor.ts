/** Codes of an authenticator app (RFC 6238), and those kept for its loss. */
import { createHash, randomBytes } from "node:crypto";
import { Secret, TOTP } from "otpauth";

export const recoveryCodes = 10;
/** A code of the step before or after is right, too: clocks differ. */
const stepsAround = 1;
const stepS = 30;

function totpOf(secret: string, user: string, issuer: string): TOTP {
  return new TOTP({
    issuer,
    label: user,
    algorithm: "SHA1",
    digits: 6,
    period: stepS,
    secret: Secret.fromBase32(secret),
  });
}

/** 160 random bits, base32. */
export function newSecret(): string {
  return new Secret({ size: 20 }).base32;
}

/** What the QR code holds. */
export function enrolmentUri(
  secret: string,
  user: string,
  issuer: string,
): string {
  return totpOf(secret, user, issuer).toString();
}

/** The time step a code belongs to, or null when it is wrong now. */
export function stepOfCode(
  secret: string,
  code: string,
  nowMs: number,
): number | null {
  if (!/^\d{6}$/.test(code)) return null;
  const delta = totpOf(secret, "", "").validate({
    token: code,
    timestamp: nowMs,
    window: stepsAround,
  });
  return delta === null ? null : Math.floor(nowMs / 1000 / stepS) + delta;
}

const alphabet = "ABCDEFGHJKMNPQRSTUVWXYZ123456789";

/** Sixteen letters of 32, so 80 bits: a plain hash of it can stand alone. */
export function newRecoveryCode(): string {
  const letters = [...randomBytes(16)].map(
    (byte) => alphabet[byte % alphabet.length] ?? "",
  );
  return letters.join("").replace(/(.{4})(?=.)/g, "$1-");
}

export function hashRecoveryCode(code: string): string {
  const bare = code.toUpperCase().replaceAll(/[^A-Z0-9]/g, "");
  return createHash("sha256").update(bare).digest("hex");
}
