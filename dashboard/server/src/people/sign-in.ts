/** Signing in with a password, and the second factor where there is one. */
import { randomBytes } from "node:crypto";
import { hashPassword, isPassword } from "@riskwall/schemas/passwords";
import type { AuditTrail } from "../audit/trail.ts";
import type { Attempts } from "../io/attempts.ts";
import type { Settings, User } from "../io/settings.ts";
import { hashRecoveryCode, stepOfCode } from "./second-factor.ts";

export interface SignInRequest {
  readonly user: string;
  readonly password: string;
  /** Of the app, or a recovery code; empty when none was given. */
  readonly code: string;
  readonly address: string;
  readonly requestId: string;
}

export type SignInResult =
  | { readonly kind: "in"; readonly user: User; readonly recovery: boolean }
  | { readonly kind: "refused" }
  | { readonly kind: "code-wanted" }
  | { readonly kind: "paused"; readonly seconds: number };

export interface SignInDeps {
  readonly settings: Pick<Settings, "user">;
  readonly attempts: Attempts;
  readonly audit: Pick<AuditTrail, "signInFailed">;
  /** Stores a user; resolves when it is in force here. */
  readonly putUser: (user: User) => Promise<void>;
  readonly now: () => number;
}

export type SignIn = (request: SignInRequest) => Promise<SignInResult>;
/** Whether a code of a user is right, which it is once. */
export type CheckCode = (
  user: User,
  code: string,
) => Promise<"app" | "recovery" | "wrong">;

export function createCheckCode(
  deps: Pick<SignInDeps, "attempts" | "putUser" | "now">,
): CheckCode {
  return async (user, code) => {
    const { totp } = user;
    if (totp === null) return "wrong";
    const step = stepOfCode(totp.secret, code, deps.now());
    if (step !== null) {
      // Read over a shoulder, a code is worth nothing any more.
      const first = await deps.attempts.firstUse(user.user, String(step));
      return first ? "app" : "wrong";
    }
    const hash = hashRecoveryCode(code);
    if (!totp.recovery.includes(hash)) return "wrong";
    const recovery = totp.recovery.filter((one) => one !== hash);
    await deps.putUser({ ...user, totp: { ...totp, recovery } });
    return "recovery";
  };
}

export async function createSignIn(deps: SignInDeps): Promise<SignIn> {
  const { settings, attempts, audit } = deps;
  const checkCode = createCheckCode(deps);
  /** What a password is compared with when there is no such user. */
  const nobody = await hashPassword(randomBytes(16).toString("base64"));

  const failed = async (
    request: SignInRequest,
    known: User | null,
    why: string,
  ): Promise<SignInResult> => {
    const locked = known !== null && (await attempts.failed(known.user));
    const reason = locked ? `${why}; the user is locked for a while` : why;
    await audit.signInFailed(request, reason);
    return { kind: "refused" };
  };

  return async (request) => {
    const { user: name, password, code, address } = request;
    const seconds = await attempts.take(name, address);
    if (seconds > 0) {
      await audit.signInFailed(request, "too many attempts");
      return { kind: "paused", seconds };
    }
    const known = settings.user(name);
    // As much work for nobody as for somebody: time tells no names.
    const right = await isPassword(password, known?.passwordHash ?? nobody);
    if (!known) return failed(request, null, "no such user");
    if (!right) return failed(request, known, "wrong password");
    if (known.disabled) return failed(request, known, "the user is disabled");
    if (known.totp === null) {
      await attempts.succeeded(name, address);
      return { kind: "in", user: known, recovery: false };
    }
    if (code === "") return { kind: "code-wanted" };
    const checked = await checkCode(known, code);
    if (checked === "wrong") return failed(request, known, "wrong code");
    await attempts.succeeded(name, address);
    const user = settings.user(name) ?? known;
    return { kind: "in", user, recovery: checked === "recovery" };
  };
}
