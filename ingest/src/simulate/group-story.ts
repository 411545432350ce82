/** Three customers of one group; a bill of one brings all beyond the limit. */
import { amountText, dayOf, dayText, type SimEvent } from "./behaviour.ts";
import { afterOrders } from "./episode-plan.ts";
import { byTime, exposureAt } from "./life-edit.ts";
import { takeFree, type Planting } from "./month.ts";
import { at, workingDay } from "./month-story.ts";

export function plantGroups(plant: Planting): void {
  for (let n = 0; n < plant.perKind; n += 1) plantGroup(plant, n);
}

function plantGroup(plant: Planting, n: number): void {
  const { first, random, truths } = plant;
  const time = at(
    workingDay(first + random.whole(3, 24)),
    10 + random.next() * 6,
  );
  const begin = at(first, 0);
  const members = Array.from({ length: 3 }, () =>
    takeFree(
      plant,
      (profile, life) =>
        profile.currency === "CNY" &&
        profile.plight === "none" &&
        profile.tenureDays > 200 &&
        exposureAt(life, begin) > 2 * profile.order,
    ),
  ).filter((member) => member !== null);
  const [buyer] = members;
  if (!buyer || members.length < 3) return;
  const groupId = `G-${String(n)}`;
  const episodeId = `E-group-full-${String(n)}`;
  const owed = members.reduce(
    (sum, { life }) => sum + exposureAt(life, time),
    0,
  );
  for (const member of members) {
    const { id } = member.profile;
    const event: SimEvent = {
      ...{
        id: `${episodeId}-${id}`,
        source: "sim-crm",
        type: "customer.upserted",
      },
      time: new Date(begin - 3_600_000).toISOString(),
      data: { customerId: id, groupId },
    };
    member.life = [...member.life, event].sort(byTime);
  }
  const events: SimEvent[] = [
    {
      ...{ id: `${episodeId}-set`, source: "sim-crm", type: "group.set" },
      // With room for what the members order until then.
      time: new Date(time - 2 * 3_600_000).toISOString(),
      data: {
        ...{ groupId, name: `Group ${String(n)}`, currency: "CNY" },
        limit: amountText(1.12 * owed, "CNY"),
      },
    },
    {
      // Services, billed without an order: nothing can hold them.
      ...{ id: `${episodeId}-bill`, source: "sim-erp", type: "invoice.issued" },
      time: new Date(time).toISOString(),
      data: {
        ...{ customerId: buyer.profile.id, invoiceId: `INV-${episodeId}` },
        ...{ amount: amountText(0.25 * owed, "CNY"), currency: "CNY" },
        issueDate: dayText(dayOf(time)),
        dueDate: dayText(dayOf(time) + buyer.profile.terms),
      },
    },
  ];
  buyer.life = [...buyer.life, ...events].sort(byTime);
  truths.push({
    ...{ episodeId, kind: "group-full", customerId: `#group:${groupId}` },
    startedAt: new Date(time).toISOString(),
    trueAt: new Date(time).toISOString(),
    ...{ expectedRules: ["EXP-06"], consequences: [], madeBy: "event" },
    ...{ eventIds: [`${episodeId}-bill`], withinMs: 120_000 },
  });
  truths.push({
    ...{
      episodeId: `${episodeId}-buyer`,
      kind: "group-full",
      customerId: buyer.profile.id,
    },
    startedAt: new Date(time).toISOString(),
    trueAt: new Date(time).toISOString(),
    expectedRules: [],
    ...{ consequences: [...afterOrders, "ORD-01"], madeBy: "event" },
    ...{ eventIds: [], withinMs: 120_000 },
  });
}
