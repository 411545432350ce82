/**
 * The live topic `customer`: one view per watched customer, fetched from the
 * processor again when its state in Redis changed. Released when nobody looks.
 */
import type { LiveOp, SubscribeReply, LiveHave } from "@riskwall/schemas/live";
import { topicKey } from "@riskwall/schemas/live";
import { asJson } from "../core/alert-book.ts";
import type { Feed } from "../core/feed.ts";
import type { Rebuilding } from "../core/rebuilding.ts";
import { partitionOf } from "@riskwall/schemas/partition-of";
import type { Present } from "../io/present.ts";
import type { Processor } from "../io/processor.ts";

/** Customers watched at the same time at most, over all clients. */
export const watchedMax = 500;
/** Views fetched side by side at most. */
const fetchSide = 4;
/** A page nobody is in stays this long: a poll or a join may be under way. */
const leaseMs = 60_000;

export interface CustomerPages {
  /** Opens the page and answers as the feed does; an error when it cannot. */
  subscribe: (
    id: string,
    have: LiveHave | undefined,
  ) => Promise<SubscribeReply>;
  /** Fetches what changed; call at most twice a second. */
  refresh: () => Promise<void>;
  /** Releases pages nobody is in. */
  release: () => void;
  /** Marks a customer as moved: fetched at the next refresh. */
  touch: (id: string) => void;
}

export interface CustomerPagesDeps {
  readonly feed: Feed;
  readonly present: Present;
  readonly rebuilding: Rebuilding;
  readonly processor: Pick<Processor, "customer">;
  readonly hasRoom: (room: string) => boolean;
  readonly now: () => number;
}

interface Page {
  until: number;
  bytes: Buffer | null;
  touched: boolean;
}

export function createCustomerPages(deps: CustomerPagesDeps): CustomerPages {
  const { feed } = deps;
  const pages = new Map<string, Page>();

  const fetchView = async (id: string): Promise<LiveOp | null> => {
    const view = await deps.processor.customer(id);
    return view && { op: "set", key: "view", value: asJson(view) };
  };

  /** Watched pages whose state moved, with the bytes that were seen. */
  const moved = async (): Promise<(readonly [string, Page])[]> => {
    const entries = [...pages].filter(
      ([id]) => !deps.rebuilding.isBehind(partitionOf(id)),
    );
    const states = await deps.present.states(entries.map(([id]) => id));
    deps.rebuilding.observe(await deps.present.places(), deps.now());
    return entries.filter(([id, page], i) => {
      if (deps.rebuilding.isBehind(partitionOf(id))) return false;
      const bytes = states[i] ?? null;
      const same =
        bytes === null || page.bytes === null
          ? bytes === page.bytes
          : bytes.equals(page.bytes);
      page.bytes = bytes;
      const touched = page.touched;
      page.touched = false;
      return !same || touched;
    });
  };

  const refetch = async (id: string): Promise<void> => {
    const op = await fetchView(id);
    const gone: LiveOp = { op: "del", key: "view" };
    feed.queue("customer", { id }, [op ?? gone], { emitTime: deps.now() });
  };

  const open = async (id: string): Promise<SubscribeReply | null> => {
    if (pages.has(id)) return null;
    if (pages.size >= watchedMax) {
      const message = "too many customers are watched";
      return { error: { code: "too_many_pages", message } };
    }
    const [bytes] = await deps.present.states([id]);
    const op = await fetchView(id);
    if (op === null) {
      const message = "no such customer";
      return { error: { code: "customer_unknown", message } };
    }
    if (pages.has(id)) return null;
    pages.set(id, { until: 0, bytes: bytes ?? null, touched: false });
    feed.commit("customer", { id }, [op], { emitTime: deps.now() });
    return null;
  };

  return {
    subscribe: async (id, have) => {
      const refused = await open(id);
      if (refused !== null) return refused;
      const page = pages.get(id);
      if (page) page.until = deps.now() + leaseMs;
      return feed.subscribe("customer", { id }, have);
    },
    refresh: async () => {
      if (pages.size === 0) return;
      const changed = await moved();
      for (let i = 0; i < changed.length; i += fetchSide) {
        const side = changed.slice(i, i + fetchSide);
        await Promise.all(side.map(async ([id]) => refetch(id)));
      }
    },
    release: () => {
      for (const [id, page] of pages) {
        const used = deps.hasRoom(topicKey("customer", { id }));
        if (used || page.until > deps.now()) continue;
        pages.delete(id);
        feed.release("customer", { id });
      }
    },
    touch: (id) => {
      const page = pages.get(id);
      if (page) page.touched = true;
    },
  };
}
