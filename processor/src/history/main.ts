/** Entry of the historian: the log and the outputs into ClickHouse. */
import { createCodec } from "@riskwall/schemas/codec";
import closeWithGrace from "close-with-grace";
import fastify from "fastify";
import { pino } from "pino";
import { collectDefaultMetrics, Counter, Registry } from "prom-client";
import { connectKafka } from "../io/kafka.ts";
import { dropNegativeTimerWarning } from "../quiet-warnings.ts";
import { loadHistoryConfig } from "./config.ts";
import { startHistorian } from "./historian.ts";
import { createHistoryStore } from "./io.ts";

dropNegativeTimerWarning();
const config = loadHistoryConfig(process.env);
const log = pino({ level: config.logLevel, base: { service: "historian" } });
const metrics = new Registry();
collectDefaultMetrics({ register: metrics });
const stored = new Counter({
  name: "riskwall_history_rows_total",
  help: "Rows stored, by table",
  labelNames: ["table"],
  registers: [metrics],
});
const store = createHistoryStore(config.clickhouseUrl, config.namespace);
const historian = await startHistorian({
  kafka: connectKafka(config.brokers, "riskwall-historian", log),
  codec: await createCodec(config.registryUrl),
  store,
  namespace: config.namespace,
  log,
  onStored: (table, rows) => {
    stored.inc({ table }, rows);
  },
});

const app = fastify({ logger: false });
app.get("/livez", () => ({ status: "ok" }));
app.get("/readyz", async (_, reply) => {
  const clickhouse = await store.ping();
  const ready = clickhouse && historian.ready();
  return reply.status(ready ? 200 : 503).send({
    status: ready ? "ready" : "not ready",
    clickhouse,
    joined: historian.ready(),
    buffered: historian.lag(),
  });
});
app.get("/metrics", async (_, reply) =>
  reply.type(metrics.contentType).send(await metrics.metrics()),
);
await app.listen({ host: config.host, port: config.port });
log.info({ port: config.port, namespace: config.namespace }, "historian is up");

closeWithGrace({ delay: 8000, logger: log }, async () => {
  await app.close();
  await historian.stop();
});
