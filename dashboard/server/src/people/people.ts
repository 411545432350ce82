/** Users as an administrator keeps them. Every change goes to the audit log. */
import { randomBytes } from "node:crypto";
import { hashPassword } from "@riskwall/schemas/passwords";
import type { Caller, Role } from "../access.ts";
import type { AuditTrail, Deed } from "../audit/trail.ts";
import type { Attempts } from "../io/attempts.ts";
import type { Sessions } from "../io/sessions.ts";
import type { Settings, User } from "../io/settings.ts";
import { Problem } from "../problem.ts";

/** Shortest password a person may choose. */
export const passwordMin = 12;

export interface PeopleDeps {
  readonly settings: Pick<Settings, "user" | "users">;
  readonly sessions: Pick<Sessions, "endAll" | "list">;
  readonly attempts: Pick<Attempts, "isLocked" | "unlock">;
  readonly audit: Pick<AuditTrail, "done">;
  readonly putUser: (user: User) => Promise<void>;
  readonly now: () => number;
}

export interface NewUser {
  readonly user: string;
  readonly name: string;
  readonly role: Role;
  /** Null: one is made, to be changed at the first sign-in. */
  readonly password: string | null;
}

export interface UserChange {
  readonly name?: string | undefined;
  readonly role?: Role | undefined;
  readonly disabled?: boolean | undefined;
  readonly reason: string | null;
}

/** A user as pages see it: no hash, no secret. */
export interface UserView {
  readonly user: string;
  readonly name: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly mustChange: boolean;
  readonly twoFactor: boolean;
  readonly external: string | null;
  readonly createdAt: string;
  readonly createdBy: string;
}

export interface People {
  list: () => readonly UserView[];
  /** The password is answered when it was made here: once. */
  create: (who: Caller, wanted: NewUser) => Promise<MadePassword>;
  change: (who: Caller, user: string, change: UserChange) => Promise<UserView>;
  resetPassword: (
    who: Caller,
    user: string,
    reason: string | null,
  ) => Promise<MadePassword>;
  removeSecondFactor: (
    who: Caller,
    user: string,
    reason: string | null,
  ) => Promise<void>;
  unlock: (who: Caller, user: string) => Promise<void>;
}

export interface MadePassword {
  readonly user: string;
  readonly password: string | null;
}

export function userView(user: User): UserView {
  const { name, role, disabled, mustChange, createdAt, createdBy } = user;
  return {
    ...{ user: user.user, name, role, disabled, mustChange },
    twoFactor: user.totp !== null,
    external: user.external?.issuer ?? null,
    ...{ createdAt, createdBy },
  };
}

/** Changes with the password: sessions with another one are over. */
export function newStamp(): string {
  return randomBytes(9).toString("base64url");
}

function newPassword(): string {
  return randomBytes(12).toString("base64url");
}

/** Refuses a password that is too short, or the name over again. */
export function checkPassword(user: string, password: string): void {
  const weak =
    [...password].length < passwordMin ||
    password.toLowerCase().includes(user.toLowerCase());
  if (!weak) return;
  const title = `At least ${String(passwordMin)} characters, and not the name`;
  throw new Problem(422, "weak_password", title, { path: "password" });
}

export function createPeople(deps: PeopleDeps): People {
  const { settings, audit, putUser } = deps;

  const find = (name: string): User => {
    const user = settings.user(name);
    if (user) return user;
    throw new Problem(404, "user_unknown", "No such user");
  };
  const write = async (
    who: Caller,
    action: string,
    user: string,
    more: Partial<Deed>,
  ): Promise<void> =>
    audit.done(who, { action, targetKind: "user", targetId: user, ...more });

  /** An administrator who may still make others, besides this one. */
  const checkLast = (user: User): void => {
    const others = settings
      .users()
      .some(
        (other) =>
          other.user !== user.user &&
          other.role === "administrator" &&
          !other.disabled,
      );
    if (others) return;
    const title = "The last administrator stays one";
    throw new Problem(409, "last_administrator", title);
  };

  const create: People["create"] = async (who, wanted) => {
    const { user, name, role } = wanted;
    if (settings.user(user)) {
      throw new Problem(409, "user_exists", "There is a user of that name");
    }
    if (wanted.password !== null) checkPassword(user, wanted.password);
    const password = wanted.password ?? newPassword();
    const made: User = {
      ...{ user, name, role, totp: null, external: null, disabled: false },
      passwordHash: await hashPassword(password),
      stamp: newStamp(),
      mustChange: wanted.password === null,
      createdAt: new Date(deps.now()).toISOString(),
      createdBy: who.user,
    };
    await putUser(made);
    await write(who, "user.create", user, { after: { name, role } });
    return { user, password: wanted.password === null ? password : null };
  };

  const change: People["change"] = async (who, name, wanted) => {
    const before = find(name);
    const after: User = {
      ...before,
      name: wanted.name ?? before.name,
      role: wanted.role ?? before.role,
      disabled: wanted.disabled ?? before.disabled,
    };
    if (before.external !== null && after.role !== before.role) {
      const title = "The role comes from where this user signs in";
      throw new Problem(409, "external_user", title);
    }
    const rights =
      after.role !== before.role || after.disabled !== before.disabled;
    if (rights && name === who.user) {
      const title = "Somebody else changes your own rights";
      throw new Problem(409, "own_account", title);
    }
    if (rights && before.role === "administrator" && !before.disabled) {
      checkLast(before);
    }
    await putUser(after);
    if (after.disabled) await deps.sessions.endAll(name);
    const facts = ({ role, disabled, name: called }: User): object => ({
      ...{ role, disabled, name: called },
    });
    await write(who, "user.change", name, {
      reason: wanted.reason,
      before: facts(before),
      after: facts(after),
    });
    return userView(after);
  };

  return {
    list: () =>
      settings
        .users()
        .map(userView)
        .sort((a, b) => (a.user < b.user ? -1 : 1)),
    create,
    change,
    resetPassword: async (who, name, reason) => {
      const before = find(name);
      if (before.external !== null) {
        const title = "Signs in elsewhere: there is no password here";
        throw new Problem(409, "external_user", title);
      }
      const password = newPassword();
      const passwordHash = await hashPassword(password);
      const stamp = newStamp();
      await putUser({ ...before, passwordHash, stamp, mustChange: true });
      await deps.sessions.endAll(name);
      await deps.attempts.unlock(name);
      await write(who, "user.reset-password", name, { reason });
      return { user: name, password };
    },
    removeSecondFactor: async (who, name, reason) => {
      const before = find(name);
      await putUser({ ...before, totp: null });
      await write(who, "user.remove-two-factor", name, { reason });
    },
    unlock: async (who, name) => {
      find(name);
      await deps.attempts.unlock(name);
      await write(who, "user.unlock", name, {});
    },
  };
}
