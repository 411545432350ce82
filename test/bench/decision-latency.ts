/**
 * From the moment an order was due to be posted until its decision is the
 * answer (`Prefer: wait`), in turn with the same posts that do not wait.
 */
import { withNamespace, withProduct } from "./bench-namespace.ts";
import type { Benchmark } from "./benchmark.ts";
import { postEvent, postEvents, postForDecision } from "./gateway.ts";
import {
  createLatencies,
  percentileFigure,
  type Latencies,
} from "./latencies.ts";
import { nowMs, runPaced } from "./paced.ts";
import { calmCustomer, usualOrder } from "./traffic.ts";

const requestsPerSecond = 50;
const customers = 500;
const warmSeconds = 3;
const turnSeconds = 5;
/** Orders that a calm customer has had before. */
const ordersBefore = 10;

export const decisionLatency: Benchmark = {
  name: "decision",
  run: async ({ full }) => {
    const turns = full ? 8 : 3;
    return withNamespace(async (space) =>
      withProduct(space, async (product) => {
        const ids = Array.from(
          { length: customers },
          (_, i) => `CALM-${String(i)}`,
        );
        await postEvents(product, ids.flatMap(calmCustomer));
        await space.settled();
        let posted = 0;
        const turn = async (
          post: typeof postEvent,
          seconds: number,
          times: Latencies,
        ): Promise<void> =>
          runPaced({
            rate: requestsPerSecond,
            seconds,
            send: async (_, due) => {
              const n = (posted += 1);
              const id = ids[n % ids.length] ?? "";
              await post(product, usualOrder(id, ordersBefore + n));
              times.add(nowMs() - due);
            },
          });
        await turn(postForDecision, warmSeconds, createLatencies());
        const decided = createLatencies();
        const taken = createLatencies();
        for (let i = 0; i < turns; i += 1) {
          await turn(postEvent, turnSeconds, taken);
          await turn(postForDecision, turnSeconds, decided);
        }
        const limit = { what: "the same without waiting", times: taken };
        const name = "POST to decision";
        const note = `${String(requestsPerSecond)} requests/s, ${String(turns)} turns of ${String(turnSeconds)} s each way; ${String(warmSeconds)} s of warm-up left out`;
        return [
          percentileFigure(name, 50, decided, { limit }),
          percentileFigure(name, 95, decided, {
            ...{ target: { atMost: 100 }, limit, note },
          }),
        ];
      }),
    );
  },
};
