/**
 * Kills the process at a chosen moment of the pipeline, for the fault tests.
 * The configuration refuses it in production.
 */
import type { Failpoint } from "../config.ts";
import type { OutputSink, StateStore } from "./ports.ts";

function countdown({ after }: Failpoint): () => void {
  let left = after;
  return () => {
    left -= 1;
    if (left === 0) process.kill(process.pid, "SIGKILL");
  };
}

/** A sink and a store that pass everything on, until the moment has come. */
export function withFailpoint(
  parts: { readonly sink: OutputSink; readonly store: StateStore },
  failpoint: Failpoint | null,
): { readonly sink: OutputSink; readonly store: StateStore } {
  if (failpoint === null) return parts;
  const { sink, store } = parts;
  const pass = countdown(failpoint);
  if (failpoint.at === "after-send") {
    const send: OutputSink["send"] = async (partition, outputs) => {
      await sink.send(partition, outputs);
      pass();
    };
    return { store, sink: { ...sink, send } };
  }
  const commit: StateStore["commit"] = async (wanted) => {
    const answer = await store.commit(wanted);
    pass();
    return answer;
  };
  return { sink, store: { ...store, commit } };
}
