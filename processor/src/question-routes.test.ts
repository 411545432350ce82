import fastify, { type FastifyInstance } from "fastify";
import { expect, test } from "vitest";
import type { Env } from "./core/env.ts";
import { noGroups } from "./core/groups.ts";
import { noRates } from "./core/rates.ts";
import { answerProblems } from "./http-problem.ts";
import { questionRoutes } from "./question-routes.ts";
import { shippedRules } from "./rule-file.ts";
import type { Standing } from "./standing-states.ts";

const { rules } = shippedRules();
const env: Env = {
  ...{ rules, rates: noRates(rules.currency) },
  ...{ sealed: new Map(), segments: new Map(), groups: noGroups },
};
const standing: Standing = { env, now: 1_795_000_000_000, open: () => null };

/** Nobody is known. */
function server(): FastifyInstance {
  const app = fastify();
  answerProblems(app, { error: (line: unknown) => expect(line).toBeNull() });
  questionRoutes(app, {
    read: async (ids) => Promise.resolve(ids.map(() => standing)),
    present: async () => Promise.resolve(standing),
  });
  return app;
}
const check = async (payload: string) =>
  server().inject({
    ...{ method: "POST", url: "/v1/credit-checks", payload },
    headers: { "content-type": "application/json" },
  });
const order = { customerId: "C-1", amount: "10.00", currency: "CNY" };

test("a credit check answers a decision for each order, with its id", async () => {
  const orders = [order, { ...order, orderId: "SO-7" }];
  const reply = await check(JSON.stringify({ orders }));
  expect(reply.statusCode).toBe(200);
  expect(reply.json()).toMatchObject({
    checks: [
      {
        ...{ orderId: null, customerId: "C-1", outcome: "allow", codes: [] },
        ...{ exposureBefore: "0.00", exposureAfter: "10.00", limit: null },
        ...{ rulesetVersion: rules.version },
      },
      { orderId: "SO-7", outcome: "allow" },
    ],
  });
});

test("nothing asked is nothing answered", async () => {
  const reply = await check('{"orders":[]}');
  expect([reply.statusCode, reply.json()]).toEqual([200, { checks: [] }]);
});

test.each([
  ["broken JSON", '{"orders":', 400, "not_json"],
  ["a bare NaN", '{"orders":[{"amount":NaN}]}', 400, "not_json"],
  ["no orders", "{}", 422, "invalid_body"],
  [
    "an amount as a number",
    JSON.stringify({ orders: [{ ...order, amount: 10 }] }),
    ...([422, "invalid_body"] as const),
  ],
  [
    "too many",
    JSON.stringify({ orders: Array.from({ length: 501 }, () => order) }),
    ...([422, "invalid_body"] as const),
  ],
])("%s is refused as a problem document", async (_, body, status, code) => {
  const reply = await check(body);
  expect(reply.statusCode).toBe(status);
  expect(reply.headers["content-type"]).toContain("application/problem+json");
  const problem = reply.json<{ title: string }>();
  expect(problem).toMatchObject({ status, code });
  expect(problem.title).not.toBe("");
});
