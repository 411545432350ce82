/** Fault 18: what comes again, late or in a new schema; the registry away. */
import { schemaText, subjectName } from "@riskwall/schemas/codec";
import { Partitioners } from "kafkajs";
import { stack, waitFor } from "../support/stack.ts";
import { killNow, pause, type Fault, type Site } from "./fault.ts";

const dayMs = 86_400_000;
const silentMs = 60_000;
const newVersionRecords = 50;

/** A later version of a record's schema: one more field, with a default. */
function laterSchema(): string {
  // The schema file of our own contract.
  const schema = JSON.parse(schemaText("OrderPlaced")) as {
    readonly fields: readonly object[];
  };
  const more = { name: "experiment", type: ["null", "string"], default: null };
  return JSON.stringify({ ...schema, fields: [...schema.fields, more] });
}

/** Registers the later version; answers its id. */
async function registerLater(): Promise<number> {
  const subject = encodeURIComponent(subjectName("OrderPlaced"));
  const reply = await fetch(
    `${stack().registryUrl}/subjects/${subject}/versions`,
    {
      method: "POST",
      headers: { "content-type": "application/vnd.schemaregistry.v1+json" },
      body: JSON.stringify({ schema: laterSchema() }),
    },
  );
  const said: unknown = await reply.json();
  if (typeof said === "object" && said !== null && "id" in said) {
    return Number(said.id);
  }
  throw new Error(`the registry says ${JSON.stringify(said)}`);
}

/** Avro of the field that is new: the second branch of its union, "b". */
const newField = Buffer.from([2, 2, 0x62]);

/** Appends orders in a schema that nobody has seen yet; answers its id. */
async function sendInNewSchema(site: Site): Promise<number> {
  const id = await registerLater();
  const producer = site.space.kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  const messages = Array.from({ length: newVersionRecords }, (_, n) => {
    const customerId = `NEW-${String(n)}`;
    const known = site.space.codec.encode("OrderPlaced", {
      ...{ eventId: `new-${String(n)}`, source: "new" },
      ...{ time: Date.now(), historical: false, customerId },
      ...{ orderId: `NEW-${String(n)}`, amount: 120_000 },
      ...{ currency: "CNY", dueDate: null, termsDays: 30, channel: null },
      ...{ shipTo: null, lines: null, insured: false, buyer: null },
    });
    // The new field is the last one of the record.
    const value = Buffer.concat([known, newField]);
    value.writeInt32BE(id, 1);
    return { key: customerId, value };
  });
  await producer.send({ topic: site.space.topics.events, acks: -1, messages });
  await producer.disconnect();
  return id;
}

/** Orders of the new schema that were decided on. */
async function decided(site: Site): Promise<number> {
  const { space } = site;
  const orders = new Set<string>();
  await space.read(space.topics.decisions, ({ batch }) => {
    for (const { value } of batch.messages) {
      const decoded = space.codec.decode(value ?? Buffer.alloc(0));
      if (decoded.kind !== "record") continue;
      if (decoded.record.name !== "Decision") continue;
      const { orderId } = decoded.record.value;
      if (orderId.startsWith("NEW-")) orders.add(orderId);
    }
  });
  return orders.size;
}

export const registryAway: Fault = {
  number: 18,
  what: "events again and in disorder, 2 and 9 days late, some in a schema's next version; the registry silent for 60 s, the processor killed meanwhile",
  times: 1,
  load: { eventsPerSecond: 300, customers: 500 },
  act: async (site) => {
    await site.sendAgain();
    await site.sendOld(2 * dayMs, 200);
    await site.sendOld(9 * dayMs, 100);
    const registry = site.pidOf("registry");
    const id = await sendInNewSchema(site);
    process.kill(registry, "SIGSTOP");
    try {
      killNow(site.pidOf("processor"));
      await pause(silentMs);
    } finally {
      process.kill(registry, "SIGCONT");
    }
    const took = await site.nextCommit();
    // What judges afterwards has to read the new schema, too.
    await waitFor(async () => site.space.codec.learn(id));
    return took;
  },
  problem: async (site) => {
    const found = await decided(site);
    return found === newVersionRecords
      ? null
      : `${String(found)} of ${String(newVersionRecords)} orders of the new schema decided`;
  },
};
