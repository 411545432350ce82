/** Fault 13: a processor behind two links that are cut in turn. */
import { waitFor } from "../support/stack.ts";
import { openCutOffPlace, type Link } from "./cut-off-place.ts";
import { pause, type Fault, type Site } from "./fault.ts";

const cutMs = 45_000;
const resumeMaxMs = 120_000;

/** Waits until every partition has committed beyond where it stands now; ms. */
async function allMove(site: Site): Promise<number> {
  const started = performance.now();
  const before = await site.space.committed();
  await waitFor(
    async () => {
      const now = await site.space.committed();
      return now.every((next, p) => next > (before[p] ?? 0));
    },
    { timeoutMs: resumeMaxMs },
  );
  return performance.now() - started;
}

export const cutLink: Fault = {
  number: 13,
  what: "one of two processors in a network namespace: 45 s without the broker, 45 s without Redis, 45 s without replies of Redis",
  times: 1,
  load: { eventsPerSecond: 300, customers: 500 },
  act: async (site) => {
    const { place, broker, redis, close } = await openCutOffPlace();
    try {
      const other = await site.addProcessor(place);
      await allMove(site);
      const took: number[] = [];
      const suffer = async (
        link: Link,
        how: "cut" | "cutReplies",
      ): Promise<void> => {
        link[how]();
        await pause(cutMs);
        // Whoever is not cut off goes on meanwhile.
        await site.nextCommit();
        link.restore();
        took.push(await allMove(site));
      };
      await suffer(broker, "cut");
      await suffer(redis, "cut");
      await suffer(redis, "cutReplies");
      await other.stop();
      return Math.max(...took);
    } finally {
      await close();
    }
  },
};
