import { stateHash } from "@riskwall/schemas/live";
import type { TopicState } from "./store.ts";

declare global {
  interface Window {
    /** Lets a test compare this page's state with the server's. */
    __riskwall?: {
      /** Digest of a topic's rows; null when it is not followed. */
      hash: (topicKey: string) => string | null;
      /** Sequence applied last; -1 when it is not followed. */
      seq: (topicKey: string) => number;
    };
  }
}

/** Publishes digests of followed topics; answers how to take them away. */
export function exposeForTests(
  find: (topicKey: string) => TopicState | undefined,
): () => void {
  window.__riskwall = {
    hash: (key) => {
      const state = find(key);
      return state ? stateHash(state.rows) : null;
    },
    seq: (key) => find(key)?.seq ?? -1,
  };
  return () => {
    delete window.__riskwall;
  };
}
