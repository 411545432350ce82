/** The gateway's HTTP door, for dead letters that are sent again. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { EventJson } from "../core/letter-body.ts";
import { partAway, Problem } from "../problem.ts";

const timeoutMs = 10_000;

const answerShape = z.object({
  duplicates: z.number(),
  failed: z
    .array(
      z.object({
        index: z.number(),
        code: z.string(),
        path: z.string().nullable(),
        message: z.string(),
      }),
    )
    .default([]),
});
export type DoorAnswer = z.output<typeof answerShape>;

export interface IngestDoor {
  /**
   * Resolves once all replicas have every event that is not in `failed`;
   * `duplicates` of them had an identity that the door knew. 503 when the door
   * is away: some, all or none of the events may be in the log then.
   */
  resend: (events: readonly EventJson[]) => Promise<DoorAnswer>;
}

const credentialsShape = z.object({ ingestKey: z.string() });

function readKey(home: string): string {
  const file = join(home, "credentials.json");
  if (!existsSync(file)) {
    const title = "No key for ingest: RISKWALL_HOME has no credentials.json";
    throw new Problem(503, "ingest_key_missing", title);
  }
  return credentialsShape.parse(JSON.parse(readFileSync(file, "utf8")))
    .ingestKey;
}

/** The key is read at each use, so that a new one works at once. */
export function connectIngest(baseUrl: string, home: string): IngestDoor {
  return {
    resend: async (events) => {
      const key = readKey(home);
      try {
        const reply = await fetch(`${baseUrl}/v1/events?redrive=true`, {
          method: "POST",
          headers: {
            authorization: `Bearer ${key}`,
            "content-type": "application/json",
          },
          body: JSON.stringify(events),
          signal: AbortSignal.timeout(timeoutMs),
        });
        const body: unknown = await reply.json();
        const parsed = answerShape.safeParse(body);
        if (parsed.success) return parsed.data;
        throw new Error(`status ${String(reply.status)}`);
      } catch (error) {
        throw partAway("ingest", error);
      }
    },
  };
}
