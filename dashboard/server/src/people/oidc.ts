/**
 * Signing in at another place by OpenID Connect: code flow with PKCE, state and
 * nonce. What one sign-in needs on its way back waits in Redis and is bound to
 * the browser by a cookie. Claims decide the role; no role, no entry.
 */
import { randomBytes } from "node:crypto";
import * as oidc from "openid-client";
import { z } from "zod";
import type { Role } from "../access.ts";
import type { AuditTrail, SignInClaim } from "../audit/trail.ts";
import type { Pending } from "../io/pending.ts";
import type { Settings, User } from "../io/settings.ts";
import { partAway, Problem } from "../problem.ts";

/** Time a person has at the other place. */
export const detourS = 600;
const userMax = 64;

export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | null;
  readonly scopes: string;
  /** Claim that names the user here. */
  readonly userClaim: string;
  /** Claim that holds groups or roles: a text, or a list of texts. */
  readonly roleClaim: string;
  /** Role here by value there, the mightiest first. */
  readonly roleByValue: readonly (readonly [string, Role])[];
  /** What the button says. */
  readonly label: string;
}

export interface OidcDeps {
  readonly config: OidcConfig;
  readonly publicUrl: string;
  readonly pending: Pending;
  readonly settings: Pick<Settings, "user">;
  readonly audit: AuditTrail;
  readonly putUser: (user: User) => Promise<void>;
  readonly now: () => number;
}

export interface Oidc {
  readonly label: string;
  /** Where to send the browser, and what its cookie holds meanwhile. */
  begin: (
    then: string,
  ) => Promise<{ readonly url: string; readonly bound: string }>;
  /** The user who came back; refuses with a problem. */
  finish: (
    query: string,
    bound: string,
    from: Omit<SignInClaim, "user">,
  ) => Promise<{ readonly user: User; readonly then: string }>;
}

const detour = z.object({
  verifier: z.string(),
  state: z.string(),
  nonce: z.string(),
  then: z.string(),
});

/** The role that the claim gives, or null. */
export function roleOfClaim(
  claim: unknown,
  roleByValue: OidcConfig["roleByValue"],
): Role | null {
  const values = new Set([claim].flat());
  return roleByValue.find(([value]) => values.has(value))?.[1] ?? null;
}

/** A name that may be used here, from whatever the other place calls it. */
export function userOfClaim(claim: unknown): string | null {
  if (typeof claim !== "string") return null;
  const name = claim.trim().toLowerCase();
  const fits = /^[a-z0-9][a-z0-9._@-]*$/.test(name) && name.length <= userMax;
  return fits ? name : null;
}

const loopback: ReadonlySet<string> = new Set([
  "localhost",
  "127.0.0.1",
  "[::1]",
]);

export function createOidc(deps: OidcDeps): Oidc {
  const { config, pending, settings, audit } = deps;
  const redirect = `${deps.publicUrl}/api/oidc/callback`;
  let found: Promise<oidc.Configuration> | null = null;

  /** Asked for when first needed, and again after a failure. */
  const discover = async (): Promise<oidc.Configuration> => {
    const issuer = new URL(config.issuer);
    const { clientId, clientSecret } = config;
    // Plain HTTP is for a provider on this machine alone.
    const execute = loopback.has(issuer.hostname)
      ? [oidc.allowInsecureRequests]
      : [];
    found ??= oidc.discovery(
      issuer,
      clientId,
      clientSecret ?? undefined,
      clientSecret === null ? oidc.None() : undefined,
      { execute, timeout: 10 },
    );
    return found.catch((error: unknown) => {
      found = null;
      throw partAway("oidc", error);
    });
  };

  const refuse = async (
    claim: SignInClaim,
    why: string,
    code: string,
    title: string,
  ): Promise<never> => {
    await audit.signInFailed(claim, why);
    throw new Problem(403, code, title);
  };

  /** The user as stored here after this sign-in. */
  const admit = async (
    claims: oidc.IDToken,
    from: Omit<SignInClaim, "user">,
  ): Promise<User> => {
    const external = { issuer: claims.iss, subject: claims.sub };
    const name = userOfClaim(claims[config.userClaim] ?? claims.sub);
    const claim = { user: name ?? String(claims.sub), ...from };
    if (name === null) {
      const title = `The claim ${config.userClaim} is no name here`;
      return refuse(claim, "no usable name", "no_user_name", title);
    }
    const role = roleOfClaim(claims[config.roleClaim], config.roleByValue);
    if (role === null) {
      const title = "You have no role here: ask an administrator";
      return refuse(claim, "no role for its claims", "no_role", title);
    }
    const known = settings.user(name);
    const same =
      known?.external?.issuer === external.issuer &&
      known.external.subject === external.subject;
    if (known && !same) {
      const title = "Another account here has this name";
      return refuse(claim, "the name is taken", "user_taken", title);
    }
    if (known?.disabled) {
      const title = "This user is disabled";
      return refuse(claim, "the user is disabled", "user_disabled", title);
    }
    return keep({ name, role, external, known, called: claims["name"] }, from);
  };

  const keep = async (
    entry: {
      readonly name: string;
      readonly role: Role;
      readonly external: NonNullable<User["external"]>;
      readonly known: User | null;
      readonly called: unknown;
    },
    from: Omit<SignInClaim, "user">,
  ): Promise<User> => {
    const { name, role, external, known, called } = entry;
    if (known?.role === role) return known;
    const user: User = {
      ...{ passwordHash: null, disabled: false, mustChange: false, totp: null },
      stamp: randomBytes(9).toString("base64url"),
      createdAt: new Date(deps.now()).toISOString(),
      createdBy: "oidc",
      ...known,
      ...{ user: name, role, external },
      name: typeof called === "string" ? called.slice(0, 100) : "",
    };
    await deps.putUser(user);
    await audit.done(
      { user: name, role, ...from },
      {
        action: known ? "user.change" : "user.create",
        targetKind: "user",
        targetId: name,
        reason: "claims of the identity provider",
        before: known && { role: known.role },
        after: { role, issuer: external.issuer },
      },
    );
    return user;
  };

  return {
    label: config.label,
    begin: async (then) => {
      const client = await discover();
      const verifier = oidc.randomPKCECodeVerifier();
      const state = oidc.randomState();
      const nonce = oidc.randomNonce();
      const bound = randomBytes(24).toString("base64url");
      const kept = JSON.stringify({ verifier, state, nonce, then });
      await pending.put("oidc", bound, kept, detourS);
      const url = oidc.buildAuthorizationUrl(client, {
        redirect_uri: redirect,
        scope: config.scopes,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
        ...{ state, nonce },
      });
      return { url: url.href, bound };
    },
    finish: async (query, bound, from) => {
      const text = bound === "" ? null : await pending.take("oidc", bound);
      const unknown = { user: "", ...from };
      if (text === null) {
        const title = "Sign in anew: this took too long, or began elsewhere";
        return refuse(unknown, "no sign-in was begun", "no_detour", title);
      }
      const { verifier, state, nonce, then } = detour.parse(JSON.parse(text));
      const client = await discover();
      const tokens = await oidc
        .authorizationCodeGrant(client, new URL(`${redirect}?${query}`), {
          pkceCodeVerifier: verifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
        })
        .catch(async (error: unknown) => {
          const why = `the provider's answer does not hold: ${String(error)}`;
          const title = "The answer of the identity provider does not hold";
          return refuse(unknown, why.slice(0, 200), "oidc_failed", title);
        });
      const claims = tokens.claims();
      if (claims === undefined) throw new Error("no ID token");
      return { user: await admit(claims, from), then };
    },
  };
}
