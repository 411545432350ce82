/** Wires what signs people in and keeps their accounts and keys. */
import { readFileSync } from "node:fs";
import type { RedisClient } from "@riskwall/schemas/redis-client";
import type { AuditTrail } from "../audit/trail.ts";
import type { Config } from "../config.ts";
import { createAttempts, type Attempts } from "../io/attempts.ts";
import type { LogWriter } from "../io/kafka.ts";
import { createPending } from "../io/pending.ts";
import type { Sessions } from "../io/sessions.ts";
import type { Settings, Token, User } from "../io/settings.ts";
import { createAlertLinks, type AlertLinks } from "./alert-links.ts";
import { createWalls, type Walls } from "../walls/walls.ts";
import { settingKeyOf } from "../walls/wall-shelf.ts";
import { createAccount, type Account } from "./account.ts";
import { createKeys, type Keys } from "./keys.ts";
import { createOidc, type Oidc } from "./oidc.ts";
import { createPeople, type People } from "./people.ts";
import { createWallLinks, type WallLinks } from "./wall-links.ts";
import { createSignIn, type SignIn } from "./sign-in.ts";

export interface Entrance {
  readonly signIn: SignIn;
  readonly account: Account;
  readonly people: People;
  readonly keys: Keys;
  readonly wallLinks: WallLinks;
  readonly alertLinks: AlertLinks;
  readonly walls: Walls;
  readonly attempts: Attempts;
  readonly oidc: Oidc | null;
}

export interface EntranceDeps {
  readonly config: Pick<Config, "namespace" | "oidc" | "publicUrl">;
  readonly redis: RedisClient;
  readonly settings: Settings;
  readonly sessions: Sessions;
  readonly audit: AuditTrail;
  readonly writer: Pick<LogWriter, "setting">;
  /** Key of the links that messages bring. */
  readonly linkKey: Buffer;
  readonly now: () => number;
}

export async function createEntrance(deps: EntranceDeps): Promise<Entrance> {
  const { config, redis, settings, sessions, audit, writer, now } = deps;
  const { namespace, publicUrl } = config;
  const attempts = createAttempts(redis, namespace);
  const pending = createPending(redis, namespace);
  const putUser = async (user: User): Promise<void> => {
    await writer.setting(`user:${user.user}`, user);
  };
  const putKey = async (key: Token): Promise<void> => {
    await writer.setting(`apikey:${key.id}`, key);
  };
  const all = { settings, sessions, attempts, pending, audit, putUser, now };
  const { oidc } = config;
  return {
    attempts,
    signIn: await createSignIn(all),
    account: createAccount({ ...all, issuer: `riskwall ${namespace}` }),
    people: createPeople(all),
    keys: createKeys({ ...all, putKey }),
    wallLinks: createWallLinks({
      ...all,
      putToken: async (token) => {
        await writer.setting(`walltoken:${token.id}`, token);
      },
    }),
    alertLinks: createAlertLinks({
      ...{ settings, audit, now, key: deps.linkKey },
      put: async (alertId, ended) => {
        await writer.setting(`alertlinks:${alertId}`, ended);
      },
    }),
    walls: createWalls({
      ...{ audit, now, shelf: settings.walls },
      put: async (version) => {
        const { note, at, by, layout } = version;
        const value = { note, at, by, layout };
        await writer.setting(settingKeyOf(version), value);
      },
      drop: async (version) => {
        await writer.setting(settingKeyOf(version), null);
      },
    }),
    oidc:
      oidc &&
      createOidc({
        ...{ ...all, publicUrl },
        config: {
          ...oidc,
          clientSecret:
            oidc.clientSecretFile === null
              ? null
              : readFileSync(oidc.clientSecretFile, "utf8").trim(),
        },
      }),
  };
}
