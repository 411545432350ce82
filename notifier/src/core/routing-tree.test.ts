import { expect, it } from "vitest";
import { emptyPlan } from "./plan.ts";
import { parseRouting } from "../routing-file.ts";
import { routingView } from "./routing-tree.ts";

it("an unset routing is an empty tree of version 0", () => {
  expect(routingView(emptyPlan)).toEqual({
    version: 0,
    ...{ roots: [], receivers: [], inhibitRules: [], intervals: [] },
  });
});

it("shows the tree with everything inherited, and its version", () => {
  const routing = parseRouting({
    version: 7,
    route: {
      receiver: "team",
      group_by: ["customer_id"],
      routes: [
        { matchers: ['severity="critical"'], receiver: "duty", continue: true },
      ],
    },
    receivers: [
      { name: "team", channels: ["room"] },
      { name: "duty", channels: ["phone"], failover: ["room"] },
    ],
    inhibit_rules: [
      {
        source_matchers: ['severity="critical"'],
        target_matchers: ['severity="low"'],
        equal: ["customer_id"],
      },
    ],
  });
  if (typeof routing === "string") throw new Error(routing);
  const { version, root, receivers, inhibitRules } = routing;
  const plan = { ...emptyPlan, version, receivers, inhibitRules };
  expect(routingView({ ...plan, roots: [root] })).toMatchObject({
    version: 7,
    roots: [
      {
        ...{ receiver: "team", matchers: [], groupBy: ["customer_id"] },
        routes: [
          {
            ...{ receiver: "duty", matchers: ['severity="critical"'] },
            ...{ continue: true, groupBy: ["customer_id"], groupWaitMs: 0 },
            routes: [],
          },
        ],
      },
    ],
    receivers: [
      { name: "team", channels: ["room"], failover: [] },
      { name: "duty", channels: ["phone"], failover: ["room"] },
    ],
    inhibitRules: [
      { source: ['severity="critical"'], target: ['severity="low"'] },
    ],
  });
});
