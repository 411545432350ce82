/** A partition in memory for tests of the fold: records in, outputs out. */
import type {
  BusinessRecordName,
  NamedRecord,
  Records,
} from "@riskwall/schemas";
import { decodeState, encodeState } from "@riskwall/schemas/state";
import { parseRuleBody, shippedRules } from "../rule-file.ts";
import { customerMoment } from "../view.ts";
import { closeCustomer, openCustomer, type Customer } from "./customer.ts";
import type { Output } from "./emit.ts";
import { measureExposure } from "./exposure.ts";
import { computeFeatures, type Features } from "./features.ts";
import { shownFeatures, type ShownFeatures } from "./shown-features.ts";
import { emptyDay } from "./tally.ts";
import { emptyRegister } from "./partition-register.ts";
import { createPartition } from "./partition.ts";
import { slotOf, type Slot } from "./slot.ts";
import type { RuleSet } from "./rule-set.ts";

export const dayMs = 86_400_000;
/** A Monday noon in Shanghai. */
export const start = Date.parse("2026-03-02T12:00:00+08:00");
export const startDay = Math.floor((start + 8 * 3_600_000) / dayMs);

export interface Fact {
  readonly name: BusinessRecordName;
  readonly value: Records[BusinessRecordName];
  /** Broker append time; the event's own time when absent. */
  readonly appendedAt?: number;
}

let serial = 0;
const base = (
  time: number,
  customerId: string,
): {
  eventId: string;
  source: string;
  time: number;
  historical: boolean;
  customerId: string;
} => {
  serial += 1;
  return {
    eventId: `e-${String(serial)}`,
    source: "erp",
    time,
    historical: false,
    customerId,
  };
};

export const order = (
  id: string,
  amount: number,
  time: number,
  over: Partial<Records["OrderPlaced"]> = {},
): Fact => ({
  name: "OrderPlaced",
  value: {
    ...base(time, "C-1"),
    orderId: id,
    amount,
    currency: "CNY",
    dueDate: null,
    termsDays: 30,
    channel: null,
    shipTo: null,
    lines: null,
    insured: false,
    buyer: null,
    ...over,
  },
});
export const invoice = (
  id: string,
  amount: number,
  issue: number,
  due: number,
  time: number,
  over: Partial<Records["InvoiceIssued"]> = {},
): Fact => ({
  name: "InvoiceIssued",
  value: {
    ...base(time, "C-1"),
    invoiceId: id,
    amount,
    currency: "CNY",
    issueDate: issue,
    dueDate: due,
    orderId: null,
    instalments: [],
    discount: 0,
    discountDate: null,
    ...over,
  },
});
export const payment = (
  id: string,
  amount: number,
  day: number,
  time: number,
  over: Partial<Records["PaymentReceived"]> = {},
): Fact => ({
  name: "PaymentReceived",
  value: {
    ...base(time, "C-1"),
    paymentId: id,
    amount,
    currency: "CNY",
    valueDate: day,
    invoiceId: null,
    orderId: null,
    allocations: [],
    method: null,
    payerAccount: null,
    state: "cleared",
    ...over,
  },
});
export const limit = (
  amount: number,
  time: number,
  over: Partial<Records["CustomerLimitSet"]> = {},
): Fact => ({
  name: "CustomerLimitSet",
  value: {
    ...base(time, "C-1"),
    amount,
    currency: "CNY",
    kind: "standing",
    reason: "test",
    validFrom: null,
    validTo: null,
    ...over,
  },
});
export const fact = <Name extends BusinessRecordName>(
  name: Name,
  time: number,
  value: Omit<
    Records[Name],
    "eventId" | "source" | "time" | "historical" | "customerId"
  >,
): Fact => ({
  name,
  value: { ...base(time, "C-1"), ...value } as unknown as Records[Name],
});

/** Known for long and well rated: class C at least, so that nothing weighs more. */
export function solid(at: number): Fact[] {
  return [
    fact("CustomerUpserted", at, {
      ...{ name: null, segment: null, industry: null, country: null },
      ...{ currency: null, termsDays: null, since: startDay - 4000 },
      ...{ groupId: null, owner: null, creditLimit: null },
    }),
    fact("CustomerRated", at, {
      ...{ agency: "agency", rating: "AAA", normalised: 95 },
      ratedAt: startDay,
    }),
  ];
}

/** The parts of a rule set's body that tests change. */
export interface RuleBody {
  version: number;
  holds: {
    overdueAmount: Record<string, string | null>;
    coverShare: Record<string, number | null>;
    stretchedTerms: boolean;
    splitOrders: boolean;
  };
}

/** A portfolio record that says nothing but `over`. */
export function portfolioRecord(
  over: Partial<Records["Portfolio"]> = {},
): NamedRecord {
  return {
    name: "Portfolio",
    value: {
      ...{ seq: 1, at: start, cut: [], totals: {}, segments: {} },
      ...{ id: "p1", basis: "", groups: [], top: [], scores: [] },
      ...{ settled: 0, settledLate: 0, received: 0, labels: [], bad: [] },
      ...{ expected: null, overdueTop: [] },
      tally: emptyDay(0),
      ...{ sources: [], deadLetters: 0 },
      ...over,
    },
  };
}

export interface World {
  readonly outputs: Output[];
  /** Folds records in order; `cut` round-trips every state after each n. */
  fold: (facts: readonly Fact[], cut?: number) => void;
  action: (
    value: Partial<Records["OperatorAction"]> & {
      readonly target: string;
      readonly targetId: string;
      readonly action: string;
    },
    time: number,
  ) => void;
  tick: (time: number) => void;
  /** Publishes the shipped rule set with changes. */
  rules: (change: (body: RuleBody) => void) => void;
  /** Appends a control record at the time of the record before. */
  control: (record: NamedRecord) => void;
  /** Folds what is handed to another subject, and what follows from it. */
  pass: () => void;
  /** Hands a moved customer over once more. */
  move: (value: Extract<Output, { name: "CustomerMoved" }>["value"]) => void;
  /** True for a subject that has a state. */
  known: (id: string) => boolean;
  /** Features of a customer at the present log time. */
  features: (id?: string) => Features;
  /** Features that only people look at. */
  shown: (id?: string) => ShownFeatures;
  state: (id?: string) => Records["CustomerState"];
  bytes: (id?: string) => string;
}

/** Records of a test at most. */
const passMax = 10_000;

/**
 * A world without a rule set of its own in the log folds with `rules`.
 * `holdBack`: what is handed to another subject waits for `pass`.
 */
export function createWorld(
  rules: RuleSet = shippedRules().rules,
  holdBack = false,
): World {
  const partition = createPartition({
    partition: 0,
    register: emptyRegister(),
    subjects: [],
    bootstrapRules: rules,
    parseRules: parseRuleBody,
  });
  const slots = new Map<string, Slot>();
  const outputs: Output[] = [];
  let offset = 0;
  let last = 0;
  const one = (record: NamedRecord, appendedAt: number): void => {
    last = Math.max(last, appendedAt);
    const item = {
      offset,
      appendedAt,
      record,
      problem: null,
      raw: new Uint8Array(0),
      ...(record.name === "CustomerMoved"
        ? { moved: decodeState(Buffer.from(record.value.state)) }
        : {}),
    };
    for (const id of partition.needs(item)) {
      if (!slots.has(id)) slots.set(id, slotOf(null));
    }
    const made = partition.fold(item, slots).outputs;
    outputs.push(...made);
    offset += 1;
    for (const output of made) {
      if (output.topic !== "events") continue;
      passing.push(
        output.name === "CustomerMoved"
          ? {
              name: output.name,
              value: {
                ...output.value,
                state: encodeState(output.value.state),
              },
            }
          : ({ name: output.name, value: output.value } as NamedRecord),
      );
    }
    if (!holdBack) pass();
  };
  /** Records that the fold hands to another subject come back as its log's. */
  const passing: NamedRecord[] = [];
  const pass = (): void => {
    for (let record = passing.shift(); record; record = passing.shift()) {
      one(record, last);
      if (offset > passMax) throw new Error("records are passed on for ever");
    }
  };
  const roundTrip = (): void => {
    for (const slot of slots.values()) {
      if (slot.customer)
        slot.customer = openCustomer(
          decodeState(encodeState(closeCustomer(slot.customer))),
        );
    }
  };
  const customerOf = (id: string): Customer => {
    const customer = slots.get(id)?.customer;
    if (!customer) throw new Error(`${id} is not there`);
    return customer;
  };
  const state = (id = "C-1"): Records["CustomerState"] => {
    return closeCustomer(customerOf(id));
  };
  return {
    outputs,
    fold: (facts, cut = 0) => {
      facts.forEach((item, i) => {
        one(
          { name: item.name, value: item.value } as NamedRecord,
          item.appendedAt ?? item.value.time,
        );
        if (cut > 0 && i % cut === 0) roundTrip();
      });
    },
    action: (value, time) => {
      serial += 1;
      const eventId = `a-${String(serial)}`;
      one(
        {
          name: "OperatorAction",
          value: {
            ...base(time, "C-1"),
            eventId,
            source: "dashboard",
            actionId: eventId,
            actor: "li",
            expected: null,
            reason: "because",
            note: null,
            amount: null,
            currency: null,
            kind: null,
            until: null,
            assignee: null,
            secondActor: null,
            ...value,
          },
        },
        time,
      );
    },
    tick: (time) => {
      one({ name: "Tick", value: {} }, time);
    },
    control: (record) => {
      one(record, last);
    },
    rules: (change) => {
      const body = JSON.parse(shippedRules().body) as RuleBody;
      body.version += 1;
      change(body);
      const value = { version: body.version, effectiveAt: 0, logic: 1 };
      one(
        { name: "RuleSet", value: { ...value, body: JSON.stringify(body) } },
        last,
      );
    },
    pass,
    move: (value) => {
      const whole = { ...value, state: encodeState(value.state) };
      one({ name: "CustomerMoved", value: whole }, last);
    },
    known: (id) => (slots.get(id)?.customer ?? null) !== null,
    features: (id = "C-1") => {
      const customer = customerOf(id);
      const moment = customerMoment(
        customer,
        partition.env(),
        partition.register.logTime,
      );
      const exposure = measureExposure(customer, moment);
      return computeFeatures(customer, exposure, moment);
    },
    shown: (id = "C-1") => {
      const customer = customerOf(id);
      const moment = customerMoment(
        customer,
        partition.env(),
        partition.register.logTime,
      );
      const exposure = measureExposure(customer, moment);
      const features = computeFeatures(customer, exposure, moment);
      return shownFeatures(customer, exposure, features, moment);
    },
    state,
    bytes: (id) => encodeState(state(id)).toString("hex"),
  };
}

/** Outputs of one kind. */
export function of<Name extends Output["name"]>(
  world: World,
  name: Name,
): Records[Name][] {
  return world.outputs
    .filter((item) => item.name === name)
    .map((item) => item.value as Records[Name]);
}
