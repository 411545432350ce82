/** A month in which a customer's payments change (domain D2, PAY and COL). */
import { amountText, dayOf, dayText, type SimEvent } from "./behaviour.ts";
import { afterLate } from "./episode-plan.ts";
import {
  billsOf,
  byTime,
  changed,
  exposureAt,
  paidLater,
  textOf,
  timeOf,
  without,
  type Bill,
} from "./life-edit.ts";
import {
  at,
  storyEvent,
  truthOf,
  workingDay,
  type Stage,
  type Story,
} from "./month-story.ts";

/** Bills that fall due in the month up to a day, and are paid in it. */
function dueIn(
  { life, first }: Pick<Stage, "life" | "first">,
  until: number,
): Bill[] {
  return billsOf(life).filter(
    ({ due, payments }) =>
      due >= first + 1 && due <= until && payments.length > 0,
  );
}

const isSteady = ({ profile }: Pick<Stage, "profile">): boolean =>
  profile.habit === "prompt" || profile.habit === "good";

const stopsPaying: Story = {
  kind: "stops-paying",
  suits: (stage) =>
    isSteady(stage) && dueIn(stage, stage.first + 10).length >= 2,
  tell: (stage) => {
    const bills = billsOf(stage.life).filter(({ due }) => due > stage.first);
    const start = Math.min(...bills.map(({ due }) => due));
    return {
      life: without(
        stage.life,
        bills.flatMap(({ payments }) => payments),
      ),
      truths: [
        truthOf(stage, "stops-paying", {
          ...{ started: at(start, 24), trueAt: at(start + 10, 24) },
          ...{ madeBy: "degrees", rules: ["PAY-02", "PAY-04", "SCR-01"] },
          consequences: afterLate,
        }),
      ],
    };
  },
};

/** Since shortly before the month every bill is paid three weeks later. */
const paysSlower: Story = {
  kind: "pays-slower",
  suits: (stage) =>
    isSteady(stage) && slowed(stage, stage.first + 6).length >= 3,
  tell: (stage) => {
    const bills = slowed(stage, stage.last);
    const late = new Set(bills.flatMap(({ payments }) => payments));
    const dues = bills.map(({ due }) => due).sort((a, b) => a - b);
    return {
      life: changed(stage.life, (event) =>
        late.has(event) ? paidLater(event, stage.random.whole(18, 22)) : event,
      ),
      truths: [
        truthOf(stage, "pays-slower", {
          started: at(stage.first, 0),
          // The third bill that is nearly three weeks late is paid.
          trueAt: at((dues[2] ?? stage.first) + 23, 24),
          ...{ madeBy: "degrees", rules: ["PAY-03"], consequences: afterLate },
        }),
      ],
    };
  },
};

/** Paid bills that fall due from twelve days before the month on. */
function slowed(
  { life, first }: Pick<Stage, "life" | "first">,
  until: number,
): Bill[] {
  return billsOf(life).filter(
    ({ due, payments }) =>
      due >= first - 12 && due <= until && payments.length > 0,
  );
}

const oneMissing: Story = {
  kind: "one-missing",
  suits: (stage) =>
    stage.profile.habit === "prompt" &&
    dueIn(stage, stage.first + 14).length > 0,
  tell: (stage) => {
    const [bill] = dueIn(stage, stage.first + 14);
    if (!bill) return { life: stage.life, truths: [] };
    return {
      life: without(stage.life, bill.payments),
      truths: [
        truthOf(stage, "one-missing", {
          ...{ started: at(bill.due, 24), trueAt: at(bill.due + 8, 0) },
          ...{ madeBy: "degrees", rules: ["PAY-04"], consequences: afterLate },
        }),
      ],
    };
  },
};

const inParts: Story = {
  kind: "in-parts",
  suits: (stage) => dueIn(stage, stage.first + 22).length >= 4,
  tell: (stage) => {
    const bills = dueIn(stage, stage.last).filter(
      ({ payments }) => payments.length === 1,
    );
    const split = new Map(
      bills.flatMap((bill) => bill.payments.map((p) => [p, bill])),
    );
    const life = stage.life.flatMap((event): SimEvent[] => {
      const bill = split.get(event);
      if (!bill) return [event];
      // Not in halves: two equal sums would look like one paid twice.
      const most = Number((bill.amount * 0.6).toFixed(0));
      const { currency } = stage.profile;
      const part = (suffix: string, amount: number): SimEvent => ({
        ...event,
        id: `${event.id}${suffix}`,
        data: {
          ...event.data,
          paymentId: `${textOf(event, "paymentId")}${suffix}`,
          amount: amountText(amount, currency),
          invoiceId: bill.invoiceId,
        },
      });
      const rest = part("b", bill.amount - most);
      return [
        part("a", most),
        { ...rest, time: new Date(timeOf(rest) + 3_600_000).toISOString() },
      ];
    });
    const paid = bills
      .flatMap(({ payments }) => payments.map(timeOf))
      .sort((a, b) => a - b);
    return {
      life: life.sort(byTime),
      truths: [
        truthOf(stage, "in-parts", {
          started: at(stage.first, 0),
          trueAt: (paid[3] ?? 0) + 3_600_000,
          ...{ madeBy: "degrees", rules: ["PAY-07"], consequences: ["PAY-12"] },
        }),
      ],
    };
  },
};

/** Offered 2 % within ten days, and taken each time until the month begins. */
const noDiscount: Story = {
  kind: "no-more-discount",
  suits: (stage) =>
    stage.profile.currency === "CNY" &&
    stage.profile.tenureDays > 200 &&
    dueIn(stage, stage.first + 24).length >= 4,
  tell: (stage) => {
    const bills = new Map(
      billsOf(stage.life).flatMap((bill) => [
        [bill.invoice.id, bill] as const,
        ...bill.payments.map((event) => [event.id, bill] as const),
      ]),
    );
    const taken = (bill: Bill): boolean => bill.due <= stage.first;
    const life = changed(stage.life, (event) => {
      const bill = bills.get(event.id);
      if (!bill) return event;
      const issued = dayOf(timeOf(bill.invoice));
      if (event.type === "invoice.issued") {
        const offer = {
          discountPercent: 2,
          discountDate: dayText(issued + 10),
        };
        return { ...event, data: { ...event.data, ...offer } };
      }
      if (!taken(bill)) return event;
      if (event !== bill.payments[0]) return null;
      const discount = Math.floor(bill.amount * 2) / 100;
      const paid = amountText(bill.amount - discount, "CNY");
      const day = workingDay(issued + stage.random.whole(5, 7));
      const { invoiceId: _, ...data } = event.data;
      return {
        ...event,
        time: new Date(at(day, 11)).toISOString(),
        data: {
          ...{ ...data, amount: paid, valueDate: dayText(day) },
          allocations: [
            {
              invoiceId: bill.invoiceId,
              amount: paid,
              discount: amountText(discount, "CNY"),
            },
          ],
        },
      };
    });
    const whole = dueIn(stage, stage.last)
      .flatMap(({ payments }) => payments.slice(-1).map(timeOf))
      .sort((a, b) => a - b);
    return {
      life,
      truths: [
        truthOf(stage, "no-more-discount", {
          ...{
            started: at(stage.first, 0),
            trueAt: whole[3] ?? at(stage.last, 0),
          },
          ...{ madeBy: "degrees", rules: ["PAY-08"], consequences: [] },
        }),
      ],
    };
  },
};

/** A debt in four weekly parts, of which the first alone is paid. */
const planMissed: Story = {
  kind: "plan-missed",
  suits: ({ profile }) => profile.currency === "CNY",
  tell: (stage) => {
    const { first, episodeId, profile } = stage;
    const part = amountText(profile.order * 0.6, "CNY");
    const dues = [4, 11, 18, 25].map((days) => workingDay(first + days));
    const invoiceId = `INV-${episodeId}`;
    const money = { currency: "CNY", invoiceId };
    const missed = (dues[1] ?? first) + 4;
    const events = [
      storyEvent(
        stage,
        "plan",
        "sim-erp",
        "invoice.issued",
        at(first + 1, 10),
        {
          ...money,
          amount: amountText(Number(part) * 4, "CNY"),
          ...{
            issueDate: dayText(first + 1),
            dueDate: dayText(dues[3] ?? first),
          },
          instalments: dues.map((day) => ({
            dueDate: dayText(day),
            amount: part,
          })),
        },
      ),
      storyEvent(
        stage,
        "pay",
        "sim-bank",
        "payment.received",
        at(dues[0] ?? first, 10),
        {
          ...{ ...money, paymentId: `P-${episodeId}`, amount: part },
          valueDate: dayText(dues[0] ?? first),
        },
      ),
    ];
    return {
      life: [...stage.life, ...events].sort(byTime),
      truths: [
        truthOf(stage, "plan-missed", {
          ...{ started: at(missed - 3, 0), trueAt: at(missed, 0) },
          ...{ madeBy: "day", rules: ["PAY-09"], consequences: afterLate },
        }),
      ],
    };
  },
};

/** Who has paid a month late for a year will again. */
const alwaysLate: Story = {
  kind: "always-late",
  suits: ({ profile, life, first, last }) =>
    profile.tenureDays > 400 &&
    billsOf(life).some(({ invoice }) => {
      const day = dayOf(timeOf(invoice));
      return day > first && day < last;
    }),
  tell: (stage) => {
    const { first, last } = stage;
    const late = new Set(
      billsOf(stage.life).flatMap(({ payments }) => payments),
    );
    const life = changed(stage.life, (event) =>
      late.has(event) ? paidLater(event, stage.random.whole(24, 36)) : event,
    );
    const next = billsOf(life).find(({ invoice }) => {
      const day = dayOf(timeOf(invoice));
      return day > first && day < last;
    });
    if (!next) return { life, truths: [] };
    const time = timeOf(next.invoice);
    return {
      life,
      truths: [
        truthOf(stage, "always-late", {
          ...{ started: time, trueAt: time, madeBy: "event" },
          ...{ rules: ["PAY-10"], consequences: afterLate },
          eventIds: [next.invoice.id],
        }),
      ],
    };
  },
};

/** More than is owed, without a word what for. */
const unclaimed: Story = {
  kind: "money-unclaimed",
  suits: ({ profile }) => profile.currency === "CNY",
  tell: (stage) => {
    const { first, profile, episodeId } = stage;
    const day = workingDay(first + 3);
    const owed = Math.max(0, exposureAt(stage.life, at(day, 12)));
    let due = day;
    for (let n = 0; n < 6; n += 1) due = workingDay(due + 1);
    const event = storyEvent(
      stage,
      "pay",
      "sim-bank",
      "payment.received",
      at(day, 12),
      {
        paymentId: `P-${episodeId}`,
        amount: amountText(owed + 12 * profile.order, "CNY"),
        ...{ currency: "CNY", valueDate: dayText(day) },
        payerAccount: profile.account,
      },
    );
    return {
      life: [...stage.life, event].sort(byTime),
      truths: [
        truthOf(stage, "money-unclaimed", {
          ...{ started: at(day, 12), trueAt: at(due, 0), madeBy: "day" },
          ...{ rules: ["PAY-12"], consequences: ["PAY-13"] },
        }),
      ],
    };
  },
};

/** Three letters for a bill that stays unpaid. */
const dunned: Story = {
  kind: "dunned",
  suits: (stage) => dueIn(stage, stage.first + 10).length > 0,
  tell: (stage) => {
    const [bill] = dueIn(stage, stage.first + 10);
    if (!bill) return { life: stage.life, truths: [] };
    const letters = [3, 8, 13].map((days, i) =>
      storyEvent(
        stage,
        `l${String(i)}`,
        "sim-erp",
        "dunning.sent",
        at(bill.due + days, 10),
        {
          dunningId: `DN-${stage.episodeId}-${String(i)}`,
          ...{ level: i + 1, invoiceId: bill.invoiceId, channel: "letter" },
        },
      ),
    );
    const third = letters.slice(-1).map(timeOf)[0] ?? 0;
    return {
      life: [...without(stage.life, bill.payments), ...letters].sort(byTime),
      truths: [
        truthOf(stage, "dunned", {
          ...{ started: third, trueAt: third, madeBy: "event" },
          ...{ rules: ["COL-01"], consequences: afterLate },
        }),
      ],
    };
  },
};

/** What suits few customers comes first. */
export const paymentStories: readonly Story[] = [
  ...[noDiscount, paysSlower, inParts, stopsPaying, dunned],
  ...[oneMissing, planMissed, alwaysLate, unclaimed],
];
