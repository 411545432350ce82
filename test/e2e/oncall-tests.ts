/** `/oncall` as people use it: an override, a swap offered, the swap taken. */
import { topicNames } from "@riskwall/schemas/names";
import { expect, test } from "vitest";
import type { Desk } from "../support/desk.ts";
import { writeSetting } from "../support/notifier.ts";
import { waitFor } from "../support/stack.ts";

/** `desk` is asked when the tests run. */
export function oncallTests(desk: () => Desk): void {
  test("on call: an override and a swap by the forms of the page", async () => {
    const { page, product } = desk();
    const way = [{ channel: "team" }];
    await writeSetting(
      { topics: topicNames(product.namespace) },
      "oncall:main",
      {
        people: [
          { id: "li", name: "李雷", user: "operator", default: way },
          { id: "han", name: "韩梅", default: way },
        ],
        schedules: [
          {
            ...{ id: "duty", name: "信控值班", zone: "Asia/Shanghai" },
            rotations: [
              {
                ...{ name: "week", people: ["li"], turn_days: 7 },
                starts: "2026-01-05T09:00",
              },
            ],
          },
        ],
      },
    );
    await waitFor(async () =>
      page.evaluate(async () => {
        const reply = await fetch("/api/oncall");
        const { items } = (await reply.json()) as { items: unknown[] };
        return items.length > 0;
      }),
    );
    await page.goto(`${product.wall}/oncall?lang=en`);
    const row = (kind: string) =>
      page.locator(`[data-test=share-row][data-kind=${kind}]`);
    await page.selectOption("[data-test=override-person]", "han");
    await page.click("[data-test=override-submit]");
    await row("override").filter({ hasText: "韩梅" }).waitFor();
    // Now it is her shift, so that she can give it away.
    await page.selectOption("[data-test=swap-person]", "han");
    await page.click("[data-test=swap-submit]");
    await row("swap").locator("[data-test=swap-take]").click();
    await row("swap").filter({ hasText: "韩梅 → 李雷" }).waitFor();
    await page.waitForSelector("[data-test=oncall-report]");
    await row("override").locator("[data-test=share-remove]").click();
    await row("override").waitFor({ state: "detached" });
    expect(await row("swap").count()).toBe(1);
  });
}
