/** Random lives of a customer, through the product's fold and the oracle. */
import type {
  CustomerState,
  Fx,
  NamedRecord,
  Portfolio,
  PortfolioGroup,
} from "@riskwall/schemas";
import {
  groupSubject,
  isCustomer,
  portfolioSubject,
} from "@riskwall/schemas/names";
import { decodeState, encodeState } from "@riskwall/schemas/state";
import fc from "fast-check";
import {
  closeCustomer,
  type Customer,
} from "../../processor/src/core/customer.ts";
import type { Output } from "../../processor/src/core/emit.ts";
import { portfolioRecord } from "../../processor/src/core/fold.test-support.ts";
import {
  createPartition,
  emptyRegister,
  slotOf,
  type Slot,
} from "../../processor/src/core/partition.ts";
import { parseRuleBody, shippedRules } from "../../processor/src/rule-file.ts";
import { dayMs, event, start, type CaseName } from "./cases.test-support.ts";
import { localDay } from "./calendar.ts";
import { createChronicle, readEntry, type Dossier } from "./chronicle.ts";
import { compareCustomer } from "./compare.ts";
import { isJudged } from "./compare-alerts.ts";
import { check, type Difference } from "./difference.ts";

const hourMs = 3_600_000;

/** One event as plain data: `days` are fields that lie so far from today. */
export interface Step {
  readonly hours: number;
  /** How long after its time the event is appended. */
  readonly lateHours: number;
  readonly name: CaseName | ControlName;
  readonly over: Readonly<Record<string, unknown>>;
  readonly days: Readonly<Record<string, number>>;
  /** Customer it is about; the first where it says nothing. */
  readonly who?: number;
  /** Which of the open alerts or held orders a person means. */
  readonly pick?: number;
}

/** Records that are about no single customer. */
type ControlName = "Fx" | "RuleSet" | "Portfolio" | "HistorySealed" | "Tick";

type Fields = Readonly<Record<string, fc.Arbitrary<unknown>>>;
type Days = Readonly<Record<string, fc.Arbitrary<number>>>;

function steps(
  name: CaseName | ControlName,
  over: Fields,
  days: Days = {},
): fc.Arbitrary<Step> {
  return fc.record({
    hours: fc.integer({ min: 0, max: 60 }),
    lateHours: fc.oneof(
      { weight: 3, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 200 }) },
    ),
    name: fc.constant(name),
    over: fc.record(over),
    days: fc.record(days),
    who: fc.oneof(
      { weight: 6, arbitrary: fc.constant(0) },
      { weight: 2, arbitrary: fc.constant(1) },
    ),
    pick: fc.nat(9),
  });
}

const amount = fc.constantFrom(
  ...[90_00, 100_00, 300_00, 299_50, 1000_00, 4000_00],
);
const id = (prefix: string): fc.Arbitrary<string> =>
  fc.integer({ min: 1, max: 4 }).map((n) => `${prefix}${String(n)}`);
const dollars = fc.constant("USD");
const past = fc.integer({ min: -3, max: 0 });

/** No rest of a dollar invoice comes near the write-off, which is in yuan. */
const roundAmount = fc.constantFrom(90_00, 100_00, 300_00, 1000_00);

const step: fc.Arbitrary<Step> = fc.oneof(
  steps("OrderPlaced", { orderId: id("O"), amount }),
  steps("OrderAmended", {
    ...{ orderId: id("O"), amount },
    version: fc.integer({ min: 1, max: 3 }),
  }),
  steps("OrderCancelled", { orderId: id("O") }),
  steps(
    "InvoiceIssued",
    { invoiceId: id("I"), amount, orderId: fc.option(id("O")) },
    { issueDate: past, dueDate: fc.integer({ min: 0, max: 40 }) },
  ),
  steps("InvoiceCredited", {
    ...{ invoiceId: id("I"), creditNoteId: id("K"), amount },
  }),
  steps(
    "PaymentReceived",
    {
      ...{
        paymentId: id("P"),
        amount,
        state: fc.constantFrom("cleared", "cleared", "pending"),

        invoiceId: fc.option(id("I")),
      },
      orderId: fc.option(id("O")),
    },
    { valueDate: past },
  ),
  steps("PaymentReturned", { paymentId: id("P") }),
  steps("DeliveryCompleted", { orderId: id("O"), deliveryId: id("D"), amount }),
  steps("OrderReturned", { orderId: id("O"), returnId: id("B"), amount }),
  steps(
    "PaymentRefunded",
    { paymentId: id("P"), refundId: id("R"), amount },
    { valueDate: past },
  ),
  steps("InvoiceWrittenOff", {
    invoiceId: id("I"),
    writeOffId: id("W"),
    amount,
  }),
  steps(
    "InvoiceIssued",
    { invoiceId: id("I"), amount, discount: fc.constant(200) },
    {
      issueDate: past,
      dueDate: fc.integer({ min: 0, max: 40 }),
      discountDate: fc.constant(9),
    },
  ),
  steps(
    "PaymentReceived",
    {
      ...{ paymentId: id("P"), amount: fc.constant(1000_00) },
      allocations: fc
        .record({
          ...{ invoiceId: id("I"), amount },
          discount: fc.constantFrom(0, 50, 2_00),
        })
        .map((one) => [one]),
    },
    { valueDate: past },
  ),
  steps("CoverSet", {
    ...{ coverId: id("V"), amount },
    kind: fc.constantFrom("insurance", "deposit"),
    coverage: fc.constantFrom(333, 900, 1000),
    countsIn: fc.constantFrom("limit", "exposure"),
    validTo: fc.option(
      fc.integer({ min: 5, max: 90 }).map((day) => start + day * dayMs),
    ),
  }),
  steps(
    "MilestoneReported",
    { milestoneId: id("M") },
    { dueDate: fc.integer({ min: -30, max: 20 }) },
  ),
  steps(
    "MilestoneReported",
    { milestoneId: id("M") },
    { dueDate: fc.integer({ min: -30, max: 0 }), doneDate: past },
  ),
  steps(
    "RegisterReported",
    {
      registerId: id("E"),
      kind: fc.constantFrom("court", "execution", "insolvency"),
      status: fc.constantFrom("open", "closed", "closed"),
    },
    { date: past },
  ),
  steps("IndustryRated", { level: fc.integer({ min: 0, max: 3 }) }),
  steps("DunningSent", {
    dunningId: id("L"),
    level: fc.integer({ min: 1, max: 9 }),
    invoiceId: fc.option(id("I")),
  }),
  steps(
    "PaymentPromised",
    {
      ...{ promiseId: id("S"), amount },
      invoiceIds: fc.uniqueArray(id("I"), { maxLength: 2 }),
    },
    { promiseDate: fc.integer({ min: 0, max: 10 }) },
  ),
  steps("ComplaintOpened", {
    ...{ complaintId: id("C"), invoiceId: fc.option(id("I")) },
    disputedAmount: fc.option(amount),
  }),
  steps("ComplaintResolved", {
    complaintId: id("C"),
    outcome: fc.constantFrom("accepted", "partly", "rejected"),
  }),
  // Papers in dollars; each keeps to one currency.
  steps("OrderPlaced", {
    ...{
      orderId: fc.constantFrom("W1", "W2"),
      amount: roundAmount,
      currency: dollars,
    },
  }),
  steps(
    "InvoiceIssued",
    {
      invoiceId: fc.constantFrom("U1", "U2"),
      amount: roundAmount,
      currency: dollars,
    },
    { issueDate: past, dueDate: fc.integer({ min: 0, max: 40 }) },
  ),
  steps(
    "PaymentReceived",
    {
      ...{
        paymentId: fc.constantFrom("V1", "V2"),
        amount: roundAmount,
        currency: dollars,
      },
      invoiceId: fc.option(fc.constantFrom("U1", "U2")),
    },
    { valueDate: past },
  ),
  steps("CustomerLimitSet", {
    amount: amount.map((minor) => minor * 5),
    validTo: fc.constant(null),
  }),
  steps("CustomerLimitSet", {
    amount: amount.map((minor) => minor * 9),
    kind: fc.constant("temporary"),
    validTo: fc.integer({ min: 50, max: 90 }).map((day) => start + day * dayMs),
  }),
  steps("OperatorAction", {
    action: fc.constantFrom("set-limit", "approve-limit", "reject-limit"),
    // The automatic ceiling is 500,000: above it two people decide.
    amount: fc.constantFrom(40_000_00, 600_000_00, 900_000_00),
    actor: fc.constantFrom("li", "wang"),
    kind: fc.constantFrom("standing", "temporary"),
  }),
  // A standing limit that begins later (C9.5).
  steps("CustomerLimitSet", {
    amount: amount.map((minor) => minor * 7),
    validFrom: fc
      .integer({ min: -5, max: 60 })
      .map((day) => start + day * dayMs),
    validTo: fc.constant(null),
  }),
  steps("OperatorAction", {
    action: fc.constantFrom(
      ...["hold", "unhold", "watch", "unwatch", "comment"],
    ),
    kind: fc.constantFrom("manual", "fraud"),
    actor: fc.constant("li"),
  }),
  steps("OperatorAction", {
    action: fc.constantFrom("release", "reject"),
    target: fc.constant("order"),
    until: fc.option(
      fc.integer({ min: 1, max: 60 }).map((day) => start + day * dayMs),
    ),
    actor: fc.constant("li"),
  }),
  steps("OperatorAction", {
    action: fc.constantFrom(
      ...["acknowledge", "snooze", "confirm", "dismiss", "resolve", "assign"],
    ),
    target: fc.constant("alert"),
    until: fc.integer({ min: 1, max: 60 }).map((day) => start + day * dayMs),
    actor: fc.constant("li"),
  }),
  steps("CustomerUpserted", {
    segment: fc.constantFrom("construction", "key-account", null),
    groupId: fc.constantFrom("G", "H", null),
    termsDays: fc.constantFrom(15, 60, null),
    creditLimit: fc.constantFrom(4000_00, 9000_00, null),
    currency: fc.constantFrom("CNY", null),
  }),
  steps(
    "CustomerRated",
    { normalised: fc.constantFrom(0, 30, 55, 85) },
    { ratedAt: fc.integer({ min: -200, max: 0 }) },
  ),
  steps("OrderPlaced", {
    ...{ orderId: id("Q"), amount },
    shipTo: fc.constantFrom("A", "B", "C"),
    buyer: fc.constantFrom("x", "y", null),
    termsDays: fc.constantFrom(30, 60),
  }),
  steps(
    "PaymentReceived",
    {
      ...{ paymentId: id("T"), amount },
      payerAccount: fc.constantFrom("1", "2", "3"),
    },
    { valueDate: past },
  ),
  steps("ComplaintOpened", {
    complaintId: id("F"),
    facts: fc.record({
      ...{ version: fc.constant("1"), language: fc.constant("en") },
      categories: fc.constant([]),
      meaning: fc.constantFrom("liquidity", "refusal", "fault"),
      severity: fc.constantFrom(300, 600, 850),
      sentiment: fc.integer({ min: -1000, max: 1000 }),
      ...{ spans: fc.constant([]), amount: fc.constant(null) },
    }),
  }),
  // History that is loaded beside what comes live.
  steps("OrderPlaced", {
    ...{ orderId: id("N"), amount },
    ...{ historical: fc.constant(true), source: fc.constant("old-erp") },
  }),
  steps(
    "InvoiceIssued",
    {
      ...{ invoiceId: id("N"), amount, historical: fc.constant(true) },
      source: fc.constant("old-erp"),
    },
    { issueDate: past, dueDate: fc.integer({ min: 0, max: 40 }) },
  ),
  steps("HistorySealed", { source: fc.constant("old-erp") }),
  steps("Fx", { rates: fc.constantFrom("0.1405", "0.1300") }),
  steps("RuleSet", {
    change: fc.constantFrom(
      ...["none", "automatic", "document-cap", "cooldown", "override"],
    ),
  }),
  steps("GroupSet", {
    groupId: fc.constantFrom("G", "H"),
    limit: fc.constantFrom(1000_00, 8000_00, 50_000_00, null),
    parent: fc.constantFrom("H", null),
  }),
  steps("Portfolio", { others: fc.constantFrom(0, 500_00, 7000_00) }),
  steps("CustomerErased", {}),
  steps("CustomerMerged", { into: fc.constantFrom("C-1", "C-2") }),
);

/**
 * The state forgets an order that is done after eight days: later words about
 * it, and its id used again, are out of this comparison.
 */
const changeableDays = 6;

/** Types whose first record under an id makes the paper. */
const creating: ReadonlySet<string> = new Set([
  "OrderPlaced",
  "InvoiceIssued",
  "PaymentReceived",
  "PaymentPromised",
  "ComplaintOpened",
]);

/** Types that speak of a thing for as long as it is there. */
const lasting: ReadonlySet<string> = new Set([
  "CoverSet",
  "MilestoneReported",
  "RegisterReported",
  "DunningSent",
]);

const rates: Fx = {
  ...{ version: 1, effectiveAt: 0, asOf: 20_514, base: "CNY" },
  rates: { USD: "0.1405" },
};

export interface Life {
  readonly steps: readonly Step[];
  /** Days that pass after the last step. */
  readonly quietDays: number;
}

/** About a month of events, then silence: ageing goes on by itself (F-30). */
export const life: fc.Arbitrary<Life> = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 22, size: "max" }),
  quietDays: fc.integer({ min: 0, max: 120 }),
});

/** Rule sets that are published: the shipped one with one change. */
function ruleBody(change: unknown, version: number): string {
  // The body that the product ships, of which single settings are changed.
  const body = JSON.parse(shippedRules().body) as {
    version: number;
    limits: { automatic: object };
    holds: { documentCap: string | null };
    alerts: { cooldownHours: number };
    overrides: object[];
  };
  body.version = version;
  if (change === "automatic") {
    body.limits.automatic = { increase: true, decrease: true };
  }
  if (change === "document-cap") body.holds.documentCap = "2000.00";
  if (change === "cooldown") body.alerts.cooldownHours = 72;
  if (change === "override") {
    body.overrides = [
      {
        ...{ id: "o", classes: [], segments: [] },
        ...{ from: "2026-03-01", to: "2026-05-01" },
        ...{ reason: "trial", approvedBy: "head of credit" },
        rules: { exp01: { warn: 0.5, rearm: 0.4 }, pay12: { businessDays: 1 } },
        materiality: { floor: "50.00" },
        disabled: ["PAY-13"],
      },
    ];
  }
  return JSON.stringify(body);
}

/** Record of a control step. `serial` grows with every record of the log. */
function controlRecord(
  { name, over }: Step,
  serial: number,
  now: number,
): NamedRecord | null {
  switch (name) {
    case "Fx": {
      const value = { ...rates, version: serial, effectiveAt: now };
      return {
        name,
        value: { ...value, rates: { USD: String(over["rates"]) } },
      };
    }
    case "RuleSet": {
      const body = ruleBody(over["change"], serial);
      // Half of them begin a day later.
      const effectiveAt = now + (serial % 2) * dayMs;
      return { name, value: { version: serial, effectiveAt, logic: 1, body } };
    }
    case "HistorySealed": {
      const floor = now - 3_600_000;
      return { name, value: { source: String(over["source"]), floor } };
    }
    case "Portfolio": {
      const base = portfolioRecord().value as Portfolio;
      const group = (
        groupId: string,
        parent: string | null,
      ): PortfolioGroup => ({
        ...{ groupId, name: groupId, parent, limit: 9000_00, currency: "CNY" },
        ...{ members: 2, parts: [0, Number(over["others"])], top: [] },
      });
      const groups = [group("G", "H"), group("H", null)];
      const id = `p${String(serial)}`;
      return { name, value: { ...base, seq: serial, id, groups } };
    }
    case "Tick":
      return { name, value: {} };
    default:
      return null;
  }
}

export interface Folded {
  readonly found: Difference[];
  /** Records of the log. */
  readonly records: number;
}

/** Folds the steps with the product and with the oracle; what differs. */
export function differences(one: Life): Difference[] {
  return foldBoth(one).found;
}

export function foldBoth({ steps: all, quietDays }: Life): Folded {
  const fold = createPartition({
    partition: 0,
    register: emptyRegister(),
    subjects: [],
    bootstrapRules: shippedRules().rules,
    parseRules: parseRuleBody,
  });
  const slots = new Map<string, Slot>();
  const chronicle = createChronicle();
  const told: Output[] = [];
  let now = start;
  const append = (record: NamedRecord, moved?: CustomerState): void => {
    const offset = chronicle.next;
    const item = { offset, appendedAt: now, record };
    const raw = new Uint8Array(0);
    const entry = { ...item, problem: null, raw, ...(moved ? { moved } : {}) };
    for (const subject of fold.needs(entry)) {
      if (slots.has(subject)) continue;
      slots.set(subject, slotOf(null));
    }
    const { outputs } = fold.fold(entry, slots);
    told.push(...outputs);
    readEntry(chronicle, item);
    for (const output of outputs) {
      if (output.topic !== "events") continue;
      if (output.name === "CustomerMoved") {
        const state = encodeState(output.value.state);
        const value = { ...output.value, state };
        append({ name: output.name, value }, decodeState(state));
      } else append({ name: output.name, value: output.value } as NamedRecord);
    }
  };
  append({ name: "Fx", value: rates });
  /** A tick whenever something is due, as the product's owner appends them. */
  const pass = (hours: number): void => {
    const end = now + hours * hourMs;
    for (;;) {
      const first = fold.wakes.first();
      if (first === 0 || first > end) break;
      now = Math.max(now, first);
      append({ name: "Tick", value: {} });
    }
    now = end;
  };
  const made = new Map<string, number>();
  for (const step of all) {
    const { hours, lateHours, name, over, days } = step;
    pass(hours);
    const control = controlRecord(step, chronicle.next + 1, now);
    if (control !== null) {
      append(control);
      continue;
    }
    const customerId = `C-${String((step.who ?? 0) + 1)}`;
    const today = localDay(now, 480);
    const dates = Object.entries(days).map(
      ([field, from]) => [field, today + from] as const,
    );
    const [[idField = "", paper] = []] = Object.entries(over);
    const key = `${customerId} ${idField} ${String(paper)}`;
    const age = today - (made.get(key) ?? today);
    const isLost = !lasting.has(name) && age > changeableDays;
    if (creating.has(name) ? made.has(key) : isLost) continue;
    if (creating.has(name)) made.set(key, today);
    const about =
      name === "GroupSet" ? groupSubject(String(paper)) : customerId;
    const aim = targetOf(step, slots.get(customerId)?.customer ?? null);
    if (aim === null) continue;
    const record = event(name as CaseName, {
      ...{ customerId: about, ...over, ...aim },
      ...Object.fromEntries(dates),
    });
    const isAction = name === "OperatorAction";
    const time = now - (isAction ? 0 : lateHours * hourMs);
    const value = { time, ...record.value };
    append({ ...record, value } as NamedRecord);
  }
  pass(quietDays * 24);
  const found: Difference[] = [];
  const known = new Set([...slots.keys(), ...chronicle.customers.keys()]);
  known.delete(portfolioSubject);
  for (const id of known) {
    const customer = slots.get(id)?.customer ?? null;
    const dossier = chronicle.customers.get(id);
    const isThere =
      dossier !== undefined &&
      (dossier.events.length > 0 || dossier.mergedInto !== null);
    if (!isThere || customer === null) {
      check(found, `customer ${id}`, isThere, customer !== null);
      continue;
    }
    found.push(...compareCustomer(dossier, closeCustomer(customer), chronicle));
    found.push(...compareWords(dossier, told));
  }
  return { found, records: chronicle.next };
}

/** What a person's action is about; null = there is nothing of the kind. */
function targetOf(
  { over, pick = 0 }: Step,
  customer: Customer | null,
): Record<string, string> | null {
  const target = over["target"];
  if (target !== "alert" && target !== "order") return {};
  const ids =
    target === "alert"
      ? customer?.state.alerts.filter(isJudged).map(({ alertId }) => alertId)
      : customer?.state.orders
          .filter(({ status }) => status === 1)
          .map((order) => order.id);
  const targetId = ids?.[pick % Math.max(1, ids.length)];
  return targetId === undefined ? null : { targetId };
}

/**
 * What was told of alerts and limits on the way, in order: which ended where,
 * and how limits changed.
 */
function compareWords(dossier: Dossier, told: readonly Output[]): Difference[] {
  const found: Difference[] = [];
  const { id, diary } = dossier;
  if (!isCustomer(id) || dossier.merges.size > 0 || dossier.mergedInto) {
    return found;
  }
  // An erased customer that came again begins anew.
  const first = dossier.events[0]?.offset ?? 0;
  const ends = told.filter(
    (output) => output.name === "Alert" && finalStates.has(output.value.state),
  );
  const isForeign = new Set(["EXP-03|review"]);
  const own = diary.ended
    .filter(({ rule, ref }) => !isForeign.has(`${rule}|${ref}`))
    .map(({ rule, ref, as, offset }) => [offset, rule, ref, as]);
  const shown = ends.flatMap((output) => {
    if (output.name !== "Alert") return [];
    const { customerId, ruleId, ref, state, offset } = output.value;
    if (customerId !== id || offset < first) return [];
    if (!isJudged({ ruleId, ref })) return [];
    if (isForeign.has(`${ruleId}|${ref}`)) return [];
    return [[offset, ruleId, ref, state]];
  });
  check(found, "ended", own.sort(byRow), shown.sort(byRow));
  const limits = told.flatMap((output) => {
    if (output.name !== "LimitChange") return [];
    const { customerId, kind, limitKind, before, after, at, offset } =
      output.value;
    if (customerId !== id || offset < first || kind === "began") return [];
    return [[kind, limitKind, before, after, at]];
  });
  check(
    found,
    "limitWords",
    diary.limits.told.map((word) => [
      ...[word.kind, word.limitKind, word.before, word.after, word.at],
    ]),
    limits,
  );
  return found;
}

const finalStates: ReadonlySet<string> = new Set([
  ...["resolved", "dismissed", "withdrawn"],
]);

const byRow = (a: readonly unknown[], b: readonly unknown[]): number =>
  JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
