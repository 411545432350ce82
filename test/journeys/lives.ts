/** Ordinary years before a story begins. */
import { after, type Story } from "./story.ts";

/**
 * A year of business from January 2025 on: an order of about so much every
 * other week, billed the day after at thirty days, paid some days after the
 * due date. Ends with everything paid, on the day before Christmas.
 */
export function steadyYear(
  story: Story,
  {
    amount,
    limit,
    late = -2,
  }: { amount: number; limit: number; late?: number },
): void {
  story.on("2025-01-06");
  story.trades("2019-05-01", 70);
  story.limitIs(limit);
  const what: { on: string; do: () => void }[] = [];
  for (let n = 0; n < 23; n += 1) {
    const placed = after("2025-01-07", n * 14);
    const id = String(n + 1);
    // Never twice the same sum: seven steps of two percent.
    const value = amount * (0.94 + 0.02 * (n % 7));
    const issued = after(placed, 1);
    const due = after(issued, 30);
    what.push(
      {
        on: placed,
        do: () => {
          story.orders(`O${id}`, value);
        },
      },
      {
        on: issued,
        do: () => {
          story.isBilled(`I${id}`, value, { issued, due, order: `O${id}` });
        },
      },
      {
        on: after(due, late),
        do: () => {
          story.pays(`P${id}`, value, `I${id}`);
        },
      },
    );
  }
  for (const step of what.toSorted((a, b) =>
    a.on < b.on ? -1 : a.on > b.on ? 1 : 0,
  )) {
    if (step.on > "2025-12-24") continue;
    story.on(step.on);
    step.do();
  }
  story.on("2025-12-24");
}
