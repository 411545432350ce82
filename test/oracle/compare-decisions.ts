/**
 * Decisions on orders (domain D2 blocking rules, E4 codes). Judged where the
 * state still shows what the decision saw: the one order that was decided when
 * the customer was touched last.
 */
import type { CustomerState, OrderItem } from "@riskwall/schemas";
import type { Dossier } from "./chronicle.ts";
import { check, type Difference } from "./difference.ts";
import type { Account } from "./compare-ledger.ts";
import { graveEntries } from "./outside.ts";
import { lineAt, limitsOf } from "./limits.ts";
import { toBase } from "./rates.ts";
import { minorOf, type ClassName, type Rules } from "./rules.ts";
import { manualHold } from "./score.ts";
import { windowStart } from "./features.ts";

export const decisionFields = ["decisions"] as const;

const classes: readonly ClassName[] = ["A", "B", "C", "D", "E"];
const returnsMax = 2;
const returnsDays = 180;

function classOf(text: string): ClassName {
  return classes.find((name) => name === text) ?? "C";
}

/** Cap of a single order: by document, and by the class's share of the limit. */
function capOf(
  name: ClassName,
  limit: bigint | null,
  rules: Rules,
): bigint | null {
  const { documentCap, limitShare } = rules.holds;
  const caps: bigint[] = [];
  if (documentCap !== null) caps.push(minorOf(documentCap, rules.currency));
  const share = limitShare[name];
  if (share !== null && limit !== null) {
    caps.push(BigInt(Math.round(Number(limit) * share)));
  }
  return caps.length === 0 ? null : caps.reduce((a, b) => (b < a ? b : a));
}

interface Seen {
  readonly before: bigint;
  /** What it adds to exposure. */
  readonly added: bigint;
  readonly value: bigint;
  readonly name: ClassName;
}

/** Codes that stop an order, sorted; the alert behind H06 is the state's. */
function codesOf(
  dossier: Dossier,
  account: Account,
  order: OrderItem,
  state: CustomerState,
  { before, added, value, name }: Seen,
): string[] {
  const { exposure, question, papers, now } = account;
  const { rules, rates, today } = question;
  const { limit, dpdMax } = exposure;
  const codes: string[] = [];
  if (manualHold(dossier.events) !== null) codes.push("H10");
  const owed = [
    order.currency,
    ...account.ledger.parts.map(({ invoice }) => invoice.value.currency),
  ];
  if (owed.some((currency) => toBase(1n, currency, rates) === null)) {
    codes.push("H15");
  }
  const days = name === "E" ? 1 : rules.holds.overdueDays[name];
  if (dpdMax >= days) codes.push("H03");
  const isLarge = state.alerts.some(
    (alert) =>
      alert.ruleId === "ORD-01" &&
      alert.ref === order.id &&
      (alert.severity === "high" || alert.severity === "critical"),
  );
  if (isLarge) codes.push("H06");
  const returns = [...papers.payments.values()].filter(
    (payment) =>
      payment.state === "returned" &&
      payment.day >= windowStart(returnsDays, today) &&
      payment.day <= today,
  );
  if (returns.length >= returnsMax) codes.push("H09");
  if (limit !== null && before + added > limit) codes.push("H01");
  if (graveEntries(dossier.events) > 0) codes.push("H12");
  const end = lineAt(limitsOf(dossier.events), now)?.to ?? null;
  if (end !== null && now >= end) codes.push("H02");
  const cap = capOf(name, limit, rules);
  if (cap !== null && value > cap) codes.push("H05");
  if (name === "E") codes.push("H07");
  return codes.sort();
}

/** Exposure before an order and with it: unused cover takes the order first. */
function around(
  { gross, coverAll }: Account["exposure"],
  value: bigint,
  isAllowed: boolean,
): { readonly before: bigint; readonly added: bigint } {
  const owed = isAllowed ? gross - value : gross;
  const most = owed > 0n ? owed : 0n;
  const used = coverAll < most ? coverAll : most;
  const left = coverAll - used;
  return { before: owed - used, added: value > left ? value - left : 0n };
}

/** What the stream itself decides; a person's word is not judged here. */
export function compareDecisions(
  dossier: Dossier,
  account: Account,
  state: CustomerState,
): Difference[] {
  const found: Difference[] = [];
  const decided = state.orders.filter(
    ({ decision }) => decision !== null && decision.at === state.asOf,
  );
  const [order] = decided;
  const last = dossier.events.at(-1);
  if (
    decided.length !== 1 ||
    !order?.decision ||
    last?.record.name !== "OrderPlaced" ||
    last.record.value.orderId !== order.id ||
    last.now !== state.asOf
  ) {
    return found;
  }
  const { decision } = order;
  // What other members of a group owe is in other partitions.
  if (decision.codes.includes("H11")) return found;
  const { rates } = account.question;
  const open = account.ledger.orders.get(order.id) ?? 0n;
  const value = toBase(open, order.currency, rates) ?? 0n;
  const isAllowed = decision.outcome === "allow";
  const { before, added } = around(account.exposure, value, isAllowed);
  const name = classOf(decision.class);
  const seen = { before, added, value, name };
  const codes = codesOf(dossier, account, order, state, seen);
  const outcome = codes.length === 0 ? "allow" : "hold";
  check(
    found,
    "decisions",
    {
      id: order.id,
      ...{ outcome, codes, before, limit: account.exposure.limit },
      after: outcome === "allow" ? before + added : before,
    },
    {
      id: order.id,
      ...{ outcome: decision.outcome, codes: [...decision.codes].sort() },
      ...{ before: decision.before, limit: decision.limit },
      after: decision.after,
    },
  );
  return found;
}
