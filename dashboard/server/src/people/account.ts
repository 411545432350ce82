/** What people do to their own account: password and second factor. */
import { hashPassword, isPassword } from "@riskwall/schemas/passwords";
import type { Caller } from "../access.ts";
import type { AuditTrail } from "../audit/trail.ts";
import type { Attempts } from "../io/attempts.ts";
import type { Pending } from "../io/pending.ts";
import type { Sessions } from "../io/sessions.ts";
import type { Settings, User } from "../io/settings.ts";
import { Problem } from "../problem.ts";
import { checkPassword, newStamp } from "./people.ts";
import {
  enrolmentUri,
  hashRecoveryCode,
  newRecoveryCode,
  newSecret,
  recoveryCodes,
  stepOfCode,
} from "./second-factor.ts";

/** Time to scan the code and type the first number. */
export const enrolS = 600;

export interface AccountDeps {
  readonly settings: Pick<Settings, "user">;
  readonly sessions: Pick<Sessions, "endAll">;
  readonly attempts: Attempts;
  readonly pending: Pending;
  readonly audit: AuditTrail;
  readonly putUser: (user: User) => Promise<void>;
  /** Shown in the app beside the user's name. */
  readonly issuer: string;
  readonly now: () => number;
}

export interface Account {
  /** Sets a new password; every session ends, also this one. */
  changePassword: (who: Caller, current: string, next: string) => Promise<User>;
  /** A secret for the app; nothing changes before its first code. */
  beginEnrolment: (
    who: Caller,
    password: string,
  ) => Promise<{ readonly secret: string; readonly uri: string }>;
  /** Codes for the loss of the app, shown once. */
  confirmEnrolment: (who: Caller, code: string) => Promise<readonly string[]>;
  removeSecondFactor: (who: Caller, password: string) => Promise<void>;
}

export function createAccount(deps: AccountDeps): Account {
  const { attempts, audit, pending, putUser } = deps;

  const own = (who: Caller): User => {
    const user = deps.settings.user(who.user);
    if (user) return user;
    throw new Problem(404, "user_unknown", "This user is gone");
  };
  /** A session that lies open is not enough for what follows. */
  const prove = async (who: Caller, password: string): Promise<User> => {
    const user = own(who);
    if (user.passwordHash === null) {
      const title = "You sign in elsewhere: there is no password here";
      throw new Problem(409, "external_user", title);
    }
    const seconds = await attempts.take(who.user, who.address);
    if (seconds > 0) {
      const title = "Too many attempts; wait";
      throw new Problem(429, "too_many_attempts", title, {}, seconds);
    }
    if (await isPassword(password, user.passwordHash)) {
      await attempts.succeeded(who.user, who.address);
      return user;
    }
    await attempts.failed(who.user);
    await audit.signInFailed(who, "wrong password for a change of the account");
    throw new Problem(422, "wrong_password", "The password is wrong", {
      path: "password",
    });
  };
  const write = async (who: Caller, action: string): Promise<void> =>
    audit.done(who, { action, targetKind: "user", targetId: who.user });

  return {
    changePassword: async (who, current, next) => {
      const user = await prove(who, current);
      checkPassword(who.user, next);
      if (next === current) {
        const title = "The new password is the old one";
        throw new Problem(422, "weak_password", title, { path: "password" });
      }
      const passwordHash = await hashPassword(next);
      const stamp = newStamp();
      const changed = { ...user, passwordHash, stamp, mustChange: false };
      await putUser(changed);
      await deps.sessions.endAll(who.user);
      await write(who, "account.change-password");
      return changed;
    },
    beginEnrolment: async (who, password) => {
      await prove(who, password);
      const secret = newSecret();
      await pending.put("enrol", who.user, secret, enrolS);
      return { secret, uri: enrolmentUri(secret, who.user, deps.issuer) };
    },
    confirmEnrolment: async (who, code) => {
      const secret = await pending.take("enrol", who.user);
      if (secret === null) {
        const title = "Begin anew: this took too long";
        throw new Problem(409, "no_enrolment", title);
      }
      const step = stepOfCode(secret, code, deps.now());
      if (step === null) {
        await pending.put("enrol", who.user, secret, enrolS);
        throw new Problem(422, "wrong_code", "The code is wrong", {
          path: "code",
        });
      }
      await attempts.firstUse(who.user, String(step));
      const codes = Array.from({ length: recoveryCodes }, newRecoveryCode);
      const recovery = codes.map(hashRecoveryCode);
      await putUser({ ...own(who), totp: { secret, recovery } });
      await write(who, "account.add-two-factor");
      return codes;
    },
    removeSecondFactor: async (who, password) => {
      const user = await prove(who, password);
      await putUser({ ...user, totp: null });
      await write(who, "account.remove-two-factor");
    },
  };
}
