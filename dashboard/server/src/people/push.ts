/** One's own browsers that pushes go to: registered, tried, removed. */
import { createHash } from "node:crypto";
import type { Caller } from "../access.ts";
import type { AuditTrail } from "../audit/trail.ts";
import { notifierPath, testTimeoutMs, type Notifier } from "../io/notifier.ts";
import type { PushBrowser } from "../io/push-browsers.ts";
import type { Settings } from "../io/settings.ts";
import { Problem } from "../problem.ts";

/** Browsers of one user at most. */
export const browsersMax = 10;
const idChars = 20;

/** A browser as its owner sees it: nothing that is secret. */
export type BrowserView = Pick<PushBrowser, "name" | "createdAt"> & {
  readonly browserId: string;
};

export interface NewBrowser {
  readonly name: string;
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

export interface Push {
  /** What a browser needs to register, and one's own browsers. */
  look: (who: Caller) => Promise<{
    readonly publicKey: string;
    readonly items: readonly BrowserView[];
  }>;
  /** The same browser again takes the place of the one before. */
  register: (who: Caller, wanted: NewBrowser) => Promise<BrowserView>;
  remove: (who: Caller, id: string) => Promise<void>;
  /** What the push service answered to a test message. */
  test: (who: Caller, id: string) => Promise<object>;
}

export interface PushDeps {
  readonly settings: Pick<Settings, "browsers">;
  readonly notifier: Pick<Notifier, "get" | "post">;
  readonly audit: Pick<AuditTrail, "done">;
  /** In force at the notifier when it resolves. */
  readonly put: (id: string, browser: PushBrowser | null) => Promise<void>;
  readonly now: () => number;
}

const viewOf = ({ id, name, createdAt }: PushBrowser): BrowserView => ({
  ...{ browserId: id, name, createdAt },
});

export function createPush(deps: PushDeps): Push {
  const { settings, notifier, audit } = deps;
  const ofUser = (user: string): readonly PushBrowser[] =>
    settings.browsers.list().filter((one) => one.user === user);
  const mine = (who: Caller, id: string): PushBrowser => {
    const found = settings.browsers.find(id);
    if (found?.user === who.user) return found;
    throw new Problem(404, "browser_unknown", "No such browser of yours");
  };
  /** 409 `push_off` where no such channel is set up. */
  const setUp = async (): Promise<{ channel: string; publicKey: string }> => {
    const { channel, publicKey } = await notifier.get("/v1/push");
    return { channel: String(channel), publicKey: String(publicKey) };
  };
  return {
    look: async (who) => {
      const { publicKey } = await setUp();
      return { publicKey, items: ofUser(who.user).map(viewOf) };
    },
    register: async (who, { name, endpoint, keys }) => {
      await setUp();
      const hash = createHash("sha256").update(endpoint).digest("hex");
      const id = hash.slice(0, idChars);
      const others = ofUser(who.user).filter((one) => one.id !== id);
      if (others.length >= browsersMax) {
        throw new Problem(409, "too_many_browsers", "Remove a browser first");
      }
      const browser: PushBrowser = {
        ...{ id, user: who.user, name, endpoint, ...keys },
        createdAt: new Date(deps.now()).toISOString(),
      };
      await deps.put(id, browser);
      await audit.done(who, {
        ...{ action: "browser.register", targetKind: "browser", targetId: id },
        after: { name, host: new URL(endpoint).host },
      });
      return viewOf(browser);
    },
    remove: async (who, id) => {
      const { name } = mine(who, id);
      await deps.put(id, null);
      await audit.done(who, {
        ...{ action: "browser.remove", targetKind: "browser", targetId: id },
        before: { name },
      });
    },
    test: async (who, id) => {
      const browser = mine(who, id);
      const { channel } = await setUp();
      const path = notifierPath(
        "channels",
        `${channel}/${browser.id}`,
        "/test",
      );
      const { outcome, answer } = await notifier.post(path, {}, testTimeoutMs);
      return { outcome, answer };
    },
  };
}
