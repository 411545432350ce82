/** Alerts: open ones from memory, ended ones from history; acting on them. */
import type { AlertView } from "@riskwall/schemas";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Actions } from "../actions.ts";
import { closedMax, type AlertBook } from "../core/alert-book.ts";
import {
  readAlert,
  readAlerts,
  readSuppressed,
  readVerdicts,
  type AlertFilter,
} from "../io/past-outputs.ts";
import type { Once } from "../io/once.ts";
import type { Past, Place } from "../io/past.ts";
import { maskAlert } from "../core/mask.ts";
import { callerOf } from "../guard.ts";
import { Problem } from "../problem.ts";
import {
  describeRoute,
  instant,
  pageBody,
  paging,
  readBody,
  readId,
  readQuery,
  wordList,
  wordsOf,
} from "./request.ts";

export interface AlertsDeps {
  readonly actions: Actions;
  readonly once: Once;
  readonly book: AlertBook;
  readonly past: Past;
  readonly now: () => number;
}

/** Verdicts are counted over alerts of that many days. */
const verdictDays = 180;

const tag = "alerts";
const openStates = ["open", "acknowledged", "snoozed"] as const;
const closedStates = [
  "confirmed",
  "dismissed",
  "resolved",
  "withdrawn",
] as const;

const alertStates = [...openStates, ...closedStates];
const severities = ["info", "low", "medium", "high", "critical"];

const listQuery = z.object({
  state: wordsOf(alertStates),
  severity: wordsOf(severities),
  rule: wordList,
  customer: z.string().max(200).default(""),
  class: wordList,
  owner: wordList.describe("assignees; `-` = nobody"),
  from: instant.optional().describe("opened from, inclusive"),
  to: instant.optional().describe("opened to, exclusive"),
  ...paging,
});

const suppressedQuery = z.object({
  reason: wordList.describe(
    "of cause, cooldown, fdr, budget, maintenance, full; none = all",
  ),
  rule: wordList,
  customer: z.string().max(200).default(""),
  from: instant.optional().describe("from, inclusive"),
  to: instant.optional().describe("to, exclusive"),
  ...paging,
});

const words = z.string().trim().min(1).max(2000);
const alertAction = z
  .object({
    action: z.enum([
      "acknowledge",
      "assign",
      "snooze",
      "comment",
      "confirm",
      "dismiss",
      "resolve",
      "useful",
      "useless",
    ]),
    expected: z
      .number()
      .int()
      .min(0)
      .optional()
      .describe("the actionVersion you saw; 409 when it is stale"),
    reason: words.optional(),
    note: words.optional(),
    assignee: z.string().trim().min(1).max(200).optional(),
    until: instant.optional(),
  })
  .refine((body) => body.action !== "snooze" || body.until !== undefined, {
    path: ["until"],
    message: "snooze needs until",
  })
  .refine(
    (body) =>
      body.action !== "comment" ||
      body.note !== undefined ||
      body.reason !== undefined,
    { path: ["note"], message: "a comment needs a note" },
  );

function fits(filter: AlertFilter, alert: AlertView): boolean {
  const { states, severities, rules, customer, classes, owners } = filter;
  const at = openedAt(alert);
  return (
    (classes.length === 0 || classes.includes(alert.class)) &&
    (owners.length === 0 || owners.includes(alert.assignee ?? "-")) &&
    at >= (filter.from ?? -Infinity) &&
    at < (filter.to ?? Infinity) &&
    (states.length === 0 || states.includes(alert.state)) &&
    (severities.length === 0 || severities.includes(alert.severity)) &&
    (rules.length === 0 || rules.includes(alert.ruleId)) &&
    (customer === "" || alert.customerId === customer)
  );
}

const openedAt = (alert: AlertView): number => Date.parse(alert.openedAt);

/** Newest opening first, then greatest id: the order of pages. */
function byOpening(a: AlertView, b: AlertView): number {
  return openedAt(b) - openedAt(a) || (a.alertId < b.alertId ? 1 : -1);
}

function isAfter(alert: AlertView, place: Place | null): boolean {
  if (place === null) return true;
  const at = openedAt(alert);
  return at < place.at || (at === place.at && alert.alertId < place.id);
}

export function alertRoutes(app: FastifyInstance, deps: AlertsDeps): void {
  const { book, past } = deps;

  /**
   * What history adds: alerts that ended. An open one of history is skipped,
   * because memory knows every open alert better.
   */
  const ended = async (
    filter: AlertFilter,
    after: Place | null,
    size: number,
  ): Promise<AlertView[]> => {
    const wanted = closedStates.filter(
      (state) => filter.states.length === 0 || filter.states.includes(state),
    );
    if (wanted.length === 0) return [];
    const limit = size + 1 + closedMax;
    return readAlerts(past, { ...filter, states: wanted }, after, limit);
  };

  app.get(
    "/api/alerts",
    describeRoute({
      needs: "look",
      summary: "Alerts, newest opening first",
      tag,
      query: listQuery,
      answer:
        "A page of alerts; `counts` of open ones and those ended within a day, by state",
    }),
    async (request) => {
      const query = readQuery(listQuery, request);
      const filter: AlertFilter = {
        states: query.state,
        severities: query.severity,
        rules: query.rule,
        customer: query.customer,
        classes: query.class,
        owners: query.owner,
        from: query.from ?? null,
        to: query.to ?? null,
      };
      const merged = new Map<string, AlertView>();
      for (const alert of await ended(filter, query.cursor, query.limit)) {
        merged.set(alert.alertId, alert);
      }
      const counts: Record<string, number> = {};
      for (const alert of book.list()) {
        counts[alert.state] = (counts[alert.state] ?? 0) + 1;
        merged.delete(alert.alertId);
        const shown = fits(filter, alert) && isAfter(alert, query.cursor);
        if (shown) merged.set(alert.alertId, alert);
      }
      const all = [...merged.values()].sort(byOpening);
      const items = all.slice(0, query.limit);
      const last = items.at(-1);
      const next =
        all.length > query.limit && last
          ? { at: openedAt(last), id: last.alertId }
          : null;
      return { ...pageBody({ items, next }), counts };
    },
  );

  app.get(
    "/api/alerts/suppressed",
    describeRoute({
      needs: "look",
      summary: "What rules found and nobody was told of, newest first",
      tag,
      query: suppressedQuery,
      answer:
        "A page of `{at, ruleId, customerId, reason, value, threshold, alertId, parent}`",
    }),
    async (request) => {
      const query = readQuery(suppressedQuery, request);
      const filter = {
        ...{ reasons: query.reason, rules: query.rule },
        customer: query.customer,
        ...{ from: query.from ?? null, to: query.to ?? null },
      };
      const size = query.limit;
      const rows = await readSuppressed(past, filter, query.cursor, size + 1);
      const items = rows.slice(0, size);
      const last = items.at(-1);
      const hasMore = rows.length > size && last !== undefined;
      const next = hasMore ? { at: Date.parse(last.at), id: last.id } : null;
      return pageBody({ items, next });
    },
  );

  app.get(
    "/api/rules/verdicts",
    describeRoute({
      needs: "look",
      summary: "What people said about the alerts of each rule, 180 days",
      tag,
      answer: "`{items: [{ruleId, raised, useful, useless}]}`",
    }),
    async () => {
      const since = deps.now() - verdictDays * 86_400_000;
      return { items: await readVerdicts(past, since), next: null };
    },
  );

  const find = async (id: string): Promise<AlertView> => {
    const found = book.get(id) ?? (await readAlert(past, id));
    if (found) return found;
    throw new Problem(404, "alert_unknown", "No such alert");
  };

  app.get(
    "/api/alerts/:id",
    describeRoute({
      needs: "glance",
      summary: "One alert",
      tag,
      id: "alert id",
      answer:
        "The alert with reasons, explanation and actions; masked for the bearer of its link",
    }),
    async (request) => {
      const alert = await find(readId(request));
      const mask = request.identity?.mask;
      return mask === undefined ? alert : maskAlert(alert, mask);
    },
  );

  app.post(
    "/api/alerts/:id/actions",
    describeRoute({
      needs: "operate",
      summary:
        "Acknowledge, assign, snooze, comment, confirm, dismiss, resolve, say whether it was useful",
      tag,
      id: "alert id",
      body: alertAction,
      answer: "`{version, actionVersion, state}`, or `{pending}`",
      status: 202,
    }),
    async (request, reply) => {
      const who = callerOf(request);
      const body = readBody(alertAction, request);
      const answer = await deps.once(request, who.user, async (actionId) => {
        const alert = await find(readId(request));
        const target = {
          customerId: alert.customerId,
          target: "alert",
          targetId: alert.alertId,
        } as const;
        const { state, actionVersion, assignee } = alert;
        const fields = {
          ...{ action: body.action, actionId },
          expected: body.expected ?? null,
          reason: body.reason ?? null,
          note: body.note ?? null,
          assignee: body.assignee ?? null,
          until: body.until ?? null,
        };
        const before = { state, actionVersion, assignee };
        return deps.actions.act(who, target, fields, before);
      });
      return reply.status(202).send(answer);
    },
  );
}
