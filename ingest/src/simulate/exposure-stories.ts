/** A month in which more is owed, or otherwise (domain D2, EXP, ORD, SCR, DSP). */
import {
  amountText,
  dayOf,
  dayText,
  introduce,
  type SimEvent,
} from "./behaviour.ts";
import { afterLate, afterOrders } from "./episode-plan.ts";
import {
  billsOf,
  byTime,
  changed,
  exposureAt,
  textOf,
  timeOf,
  without,
} from "./life-edit.ts";
import {
  at,
  storyEvent,
  truthOf,
  workingDay,
  type Stage,
  type Story,
  type Told,
} from "./month-story.ts";

/** A working hour of the month's second week. */
function moment({ first, random }: Stage): number {
  return at(workingDay(first + random.whole(6, 14)), 9 + random.next() * 8);
}

const owes = ({
  profile,
  life,
  first,
}: Pick<Stage, "profile" | "life" | "first">): boolean => {
  const used = exposureAt(life, at(first + 10, 12)) / profile.limit;
  return profile.currency === "CNY" && used > 0.25 && used < 0.6;
};

/** A tale of one event that makes it true. */
function told(
  stage: Stage,
  kind: string,
  event: SimEvent,
  rules: readonly string[],
  consequences: readonly string[],
): Told {
  const time = timeOf(event);
  return {
    life: [...stage.life, event].sort(byTime),
    truths: [
      truthOf(stage, kind, {
        ...{ started: time, trueAt: time, madeBy: "event" },
        ...{ rules, consequences, eventIds: [event.id] },
      }),
    ],
  };
}

/** A lower limit brings its use to 86 %. */
const nearLimit: Story = {
  kind: "near-limit",
  suits: owes,
  tell: (stage) => {
    const time = moment(stage);
    const amount = exposureAt(stage.life, time) / 0.86;
    const event = limitSet(stage, time, amount);
    const consequences = [...afterOrders, "ORD-01"];
    return told(stage, "near-limit", event, ["EXP-01"], consequences);
  },
};

function limitSet(stage: Stage, time: number, amount: number): SimEvent {
  return storyEvent(stage, "l", "sim-crm", "customer.limit-set", time, {
    ...{ amount: amountText(amount, "CNY"), currency: "CNY" },
    ...{ kind: "standing", reason: "review" },
  });
}

const limitCut: Story = {
  kind: "limit-cut",
  suits: owes,
  tell: (stage) => {
    const time = moment(stage);
    const amount = 0.85 * exposureAt(stage.life, time);
    const event = limitSet(stage, time, amount);
    const consequences = [...afterOrders, "ORD-01", "ORD-06"];
    return told(stage, "limit-cut", event, ["EXP-02"], consequences);
  },
};

/** Orders three times as large, and no money for what falls due. */
const growsUnpaid: Story = {
  kind: "growth-without-cash",
  suits: ({ profile, life, first }) =>
    profile.gapDays <= 12 &&
    profile.currency === "CNY" &&
    profile.tenureDays > 200 &&
    billsOf(life).filter(({ due }) => due > first - 2 && due < first + 15)
      .length >= 4,
  tell: (stage) => {
    const { first } = stage;
    const unpaid = new Set(
      billsOf(stage.life)
        .filter(({ due }) => due > first - 2)
        .flatMap(({ payments }) => payments),
    );
    const tripled = new Set(
      stage.life
        .filter(
          (event) =>
            event.type === "order.placed" && timeOf(event) >= at(first, 0),
        )
        .map((event) => textOf(event, "orderId")),
    );
    const life = changed(stage.life, (event) => {
      if (unpaid.has(event)) return null;
      const isBigger =
        (event.type === "order.placed" || event.type === "invoice.issued") &&
        tripled.has(textOf(event, "orderId"));
      if (!isBigger) return event;
      const amount = amountText(3 * Number(textOf(event, "amount")), "CNY");
      return { ...event, data: { ...event.data, amount } };
    });
    return {
      life,
      truths: [
        truthOf(stage, "growth-without-cash", {
          ...{ started: at(first, 0), trueAt: at(first + 20, 0) },
          ...{ madeBy: "degrees", rules: ["EXP-04"] },
          consequences: [...afterLate, ...afterOrders, "ORD-01"],
        }),
      ],
    };
  },
};

const goneQuiet: Story = {
  kind: "gone-quiet",
  suits: ({ profile }) => profile.gapDays <= 6.5 && profile.tenureDays > 200,
  tell: (stage) => {
    const { first, profile } = stage;
    const stopped = stage.life.filter(
      (event) =>
        event.type === "order.placed" && timeOf(event) >= at(first + 1, 0),
    );
    const keys = new Set(
      stopped.map((event) => event.id.replace(/-order$/, "")),
    );
    const isGone = (event: SimEvent): boolean =>
      keys.has(
        event.id.replace(
          /-(order|cancel|invoice|pay[ab]?|complaint|resolved)$/,
          "",
        ),
      );
    const life = stage.life.filter((event) => !isGone(event));
    const last = life.findLast((event) => event.type === "order.placed");
    const from = last ? dayOf(timeOf(last)) : first;
    return {
      life,
      truths: [
        truthOf(stage, "gone-quiet", {
          started: at(first, 0),
          // Four of its usual gaps without an order.
          trueAt: at(from + Math.ceil(4 * profile.gapDays), 0),
          ...{ madeBy: "degrees", rules: ["ORD-09"], consequences: [] },
        }),
      ],
    };
  },
};

/** Somebody new orders more than half of its limit within days. */
const newcomerRush: Story = {
  kind: "newcomer-rush",
  suits: ({ profile }) => profile.currency === "CNY",
  tell: (stage) => {
    const { profile, episodeId, first } = stage;
    const id = `N-${episodeId}`;
    const newcomer = { ...profile, id, name: `${profile.name} ${episodeId}` };
    const day = workingDay(first + 5);
    const orders = [0.15, 0.2, 0.3].map((share, i) => ({
      ...storyEvent(
        stage,
        `o${String(i)}`,
        "sim-erp",
        "order.placed",
        at(workingDay(day + 2 * i), 11),
        {
          ...{ customerId: id, orderId: `SO-${episodeId}-${String(i)}` },
          ...{
            amount: amountText(share * profile.limit, "CNY"),
            currency: "CNY",
          },
          ...{ termsDays: profile.terms, shipTo: profile.shipTo },
        },
      ),
    }));
    const third = orders.slice(-1).map(timeOf)[0] ?? 0;
    return {
      life: [...stage.life, ...introduce(newcomer, day), ...orders].sort(
        byTime,
      ),
      truths: [
        truthOf(stage, "newcomer-rush", {
          ...{
            started: at(day, 8),
            trueAt: third,
            madeBy: "event",
            subject: id,
          },
          ...{ rules: ["ORD-06"], consequences: [...afterOrders, "ORD-01"] },
        }),
      ],
    };
  },
};

/** An unpaid bill in dispute since before the month; its pause of 45 days ends. */
const oldDispute: Story = {
  kind: "old-dispute",
  suits: ({ life, first }) => billsOf(life).some(isDisputable(first)),
  tell: (stage) => {
    const { first, episodeId, profile } = stage;
    const bill = billsOf(stage.life).find(isDisputable(first));
    if (!bill) return { life: stage.life, truths: [] };
    const opened = first - 33;
    const event = storyEvent(
      stage,
      "c",
      "sim-crm",
      "complaint.opened",
      at(opened, 11),
      {
        ...{ complaintId: `CMP-${episodeId}`, invoiceId: bill.invoiceId },
        ...{
          category: "quality",
          severity: "medium",
          currency: profile.currency,
        },
        disputedAmount: amountText(bill.amount, profile.currency),
      },
    );
    return {
      life: [...without(stage.life, bill.payments), event].sort(byTime),
      truths: [
        truthOf(stage, "old-dispute", {
          ...{ started: at(opened + 45, 0), trueAt: at(opened + 46, 0) },
          ...{ madeBy: "day", rules: ["DSP-02"], consequences: afterLate },
        }),
      ],
    };
  },
};

function isDisputable(
  first: number,
): (bill: ReturnType<typeof billsOf>[number]) => boolean {
  return ({ invoice, payments }) => {
    const day = dayOf(timeOf(invoice));
    const paid = payments.map((event) => dayOf(timeOf(event)));
    return (
      day < first - 34 &&
      paid.length > 0 &&
      paid.every((one) => one > first - 32)
    );
  };
}

/** Poorly rated for long, very well rated since some weeks; not class A yet. */
const rises: Story = {
  kind: "rating-rises",
  suits: ({ profile }) => profile.tenureDays > 400 && profile.habit === "slow",
  tell: (stage) => {
    const { first } = stage;
    const rated = (
      suffix: string,
      day: number,
      rating: string,
      normalised: number,
    ): SimEvent =>
      storyEvent(stage, suffix, "sim-agency", "customer.rated", at(day, 10), {
        ...{ agency: "sim-rating", rating, normalised, ratedAt: dayText(day) },
      });
    const events = [
      rated("poor", first - 150, "CCC", 24),
      rated("good", first - 20, "AA", 91),
    ];
    return {
      life: [...stage.life, ...events].sort(byTime),
      truths: [
        truthOf(stage, "rating-rises", {
          // Up after seven days above the cut, told after thirty more.
          ...{ started: at(first + 10, 0), trueAt: at(first + 19, 0) },
          ...{ madeBy: "degrees", rules: ["SCR-04"], consequences: [] },
        }),
      ],
    };
  },
};

export const exposureStories: readonly Story[] = [
  ...[nearLimit, limitCut, growsUnpaid, goneQuiet],
  ...[newcomerRush, oldDispute, rises],
];
