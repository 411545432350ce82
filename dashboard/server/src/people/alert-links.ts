/**
 * Links in messages that show one alert without sign-in: read only, masked,
 * for a day, revocable. The notifier makes them; here they are let in.
 */
import { alertLinkIssuedAt, alertLinkMs } from "@riskwall/schemas/alert-links";
import type { Caller, Identity } from "../access.ts";
import type { AuditTrail } from "../audit/trail.ts";
import type { Mask } from "../core/mask.ts";
import type { EndedLinks, Settings } from "../io/settings.ts";

/** Stands for every alert. */
export const everyAlert = "*";

/**
 * No people and no texts, as on every shared page; amounts stand in the message
 * that brought the link, and are what an alert is judged by.
 */
export const linkMask: Mask = { names: "short", amounts: true };

export interface AlertLinks {
  /** Who shows the token of a link to this alert; null: it does not open it. */
  identify: (token: string, alertId: string) => Identity | null;
  /** Ends the links sent so far; answers when. */
  end: (who: Caller, alertId: string, reason: string | null) => Promise<string>;
}

export interface AlertLinksDeps {
  readonly settings: Pick<Settings, "endedLinks">;
  readonly audit: Pick<AuditTrail, "done">;
  readonly put: (alertId: string, ended: EndedLinks | null) => Promise<void>;
  readonly key: Buffer;
  readonly now: () => number;
}

export function createAlertLinks(deps: AlertLinksDeps): AlertLinks {
  const { settings, audit, key, now } = deps;
  const isEnded = (alertId: string, issuedAt: number): boolean => {
    const ended = settings.endedLinks().get(alertId);
    // A token says whole seconds: what was sent in the same one is over, too.
    return ended !== undefined && issuedAt <= Date.parse(ended.endedAt);
  };
  /** Entries about links that have run out by themselves. */
  const forgetOld = async (): Promise<void> => {
    const over = [...settings.endedLinks()].filter(
      ([, { endedAt }]) => Date.parse(endedAt) + alertLinkMs <= now(),
    );
    for (const [alertId] of over) await deps.put(alertId, null);
  };
  return {
    identify: (token, alertId) => {
      const issuedAt = alertLinkIssuedAt(key, token, alertId, now());
      if (issuedAt === null) return null;
      if (isEnded(alertId, issuedAt) || isEnded(everyAlert, issuedAt)) {
        return null;
      }
      return { user: `link:${alertId}`, role: "link", mask: linkMask };
    },
    end: async (who, alertId, reason) => {
      await forgetOld();
      const endedAt = new Date(now()).toISOString();
      await deps.put(alertId, { endedAt, endedBy: who.user });
      await audit.done(who, {
        ...{ action: "alert.end-links", targetKind: "alert" },
        ...{ targetId: alertId, reason, after: { endedAt } },
      });
      return endedAt;
    },
  };
}
