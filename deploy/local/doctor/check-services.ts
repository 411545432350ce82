/** Our own services by their readyz, halted partitions with their cure. */
import { down, up, wrong, whyOf, type Finding } from "./finding.ts";

const timeoutMs = 3000;

/** Cure of each way a partition halts. */
const cures: Readonly<Record<string, string>> = {
  STATE_GAP: "./riskwall state rebuild --switch, or state restore; restart it",
  LOG_BEHIND_STATE: "./riskwall state restore, or state rebuild --switch",
  OTHER_LOG: "point it at the right log, or state rebuild --switch",
  OTHER_CLUSTER: "point it at the right cluster",
  LOGIC_UNSUPPORTED: "run a build that supports the logic of the state",
  POISON: "./riskwall dlq skip --partition N --offset N --reason TEXT",
};

interface Halted {
  readonly partition: number;
  readonly halted: string;
}

function haltedOf(body: unknown): Halted[] {
  if (typeof body !== "object" || body === null) return [];
  const { partitions } = body as { readonly partitions?: unknown };
  if (!Array.isArray(partitions)) return [];
  return partitions.flatMap((row: unknown) => {
    const { partition, halted } = row as Partial<Halted>;
    return typeof halted === "string" && partition !== undefined
      ? [{ partition, halted }]
      : [];
  });
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error;
  }
}

export async function checkService(
  name: string,
  url: string,
): Promise<Finding[]> {
  const log = `see HOME/log/${name}.log`;
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const reply = await fetch(`${url}/readyz`, { signal });
    const text = await reply.text();
    const halted = haltedOf(parseBody(text)).map((row) =>
      wrong(
        name,
        url,
        `partition ${String(row.partition)} is halted: ${row.halted}`,
        cures[row.halted] ?? log,
      ),
    );
    if (halted.length > 0) return halted;
    if (reply.ok) return [up(name, url)];
    const what = `not ready: ${text.slice(0, 200)}`;
    return [wrong(name, url, what, `what it waits for is named above; ${log}`)];
  } catch (error) {
    return [down(name, url, whyOf(error), `start it; ${log}`)];
  }
}
