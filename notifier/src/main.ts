/** Entry of the notifier: configuration, clients, routing, sending, end. */
import { alertLinkKey } from "@riskwall/schemas/alert-links";
import { createCodec } from "@riskwall/schemas/codec";
import { sealingKeys, serviceSecret } from "@riskwall/schemas/home-keys";
import { connectKafka } from "@riskwall/schemas/kafka-client";
import { createSealing } from "@riskwall/schemas/sealing";
import closeWithGrace from "close-with-grace";
import { openRedis } from "@riskwall/schemas/redis-client";
import { pino } from "pino";
import { loadConfig } from "./config.ts";
import { followSettings } from "./io/follow-settings.ts";
import { connectSettingsWriter } from "./io/kafka.ts";
import { transmit } from "./io/transmit.ts";
import type { Labels } from "@riskwall/schemas/matchers";
import { firingLabels } from "./core/moment.ts";
import { createMetrics } from "./metrics.ts";
import { createOutbox } from "./outbox/outbox.ts";
import { createRouterStore } from "./outbox/router-store.ts";
import { dropNegativeTimerWarning } from "@riskwall/schemas/quiet-warnings";
import { deviceOf } from "./push-devices.ts";
import { createRepeats } from "./repeat.ts";
import { startRouting } from "./route-alerts.ts";
import { createSender } from "./send-due.ts";
import { buildServer } from "./server.ts";
import { createSettings } from "./settings.ts";
import { createZoneOffset } from "./zone-offset.ts";

const sendEveryMs = 250;
const failOverEveryMs = 500;

dropNegativeTimerWarning();
const config = loadConfig(process.env);
const { namespace, publicUrl, home } = config;
const log = pino({ level: config.logLevel, base: { service: "notifier" } });
const now = Date.now;
const sealing = createSealing(sealingKeys(home));

const redis = openRedis(config.redisUrl, { maxRetriesPerRequest: 1 });
redis.on("error", (error: Error) => {
  log.debug({ error: error.message }, "redis");
});
const outbox = createOutbox(redis, namespace);
const metrics = createMetrics(outbox.depth);
const settings = createSettings();
let ready = false;
let leads = (): boolean => false;
let firing = (): readonly Labels[] => [];
let reached = async (_: number): Promise<boolean> => Promise.resolve(false);
let changeSetting = async (
  _key: string,
  _value: object | null,
): Promise<void> => Promise.reject(new Error("not started yet"));
const zoneOffset = createZoneOffset();
const secret = serviceSecret(home);
const linkKey = alertLinkKey(secret);
const app = buildServer({
  secret,
  silences: settings.silences,
  change: async (key, value) => changeSetting(key, value),
  ...{ outbox, transmit, publicUrl, linkKey, now },
  channel: settings.channel,
  ...{ channels: settings.channels, plan: settings.plan, zoneOffset },
  shares: settings.shares,
  reached: async (offset) => reached(offset),
  firing: () => firing(),
  ...{ vapid: settings.vapid, pushChannel: settings.pushChannel },
  registry: metrics.registry,
  parts: () => ({
    started: { up: ready, needed: true },
    redis: { up: redis.status === "ready", needed: true },
    routing: { up: leads(), needed: false },
  }),
});
// The port comes first: who has it is the only process of this owner.
await app.listen({ host: config.host, port: config.port });

const kafka = connectKafka(config.brokers, "riskwall-notifier", log);
const codec = await createCodec(config.registryUrl);
const admin = kafka.admin();
await admin.connect();
const writer = await connectSettingsWriter(kafka, namespace, sealing.seal);
const following = await followSettings({
  ...{ kafka, admin, namespace, log, open: sealing.open },
  put: (key, value) => {
    const wrong = settings.put(key, value);
    if (wrong !== null) log.warn({ key, wrong }, "setting is not in force");
  },
});

({ reached } = following);
changeSetting = async (key, value) => {
  await writer.setting(key, value);
  // The topic says the same in a moment; who asks next must not wait for it.
  settings.put(key, value);
};

/** 410: the receiver wants no more. */
const switchOff = (channel: string): void => {
  const device = deviceOf(channel);
  if (device !== null) {
    changeSetting(`push:${device}`, null).catch((error: unknown) => {
      log.warn({ device, error: String(error) }, "browser not removed");
    });
    return;
  }
  const raw = settings.rawWebhook(channel);
  if (raw === null) return;
  writer
    .setting(channel, { ...raw, enabled: false })
    .catch((error: unknown) => {
      log.warn({ channel, error: String(error) }, "webhook not switched off");
    });
};
const sender = createSender({
  ...{ outbox, transmit, publicUrl, linkKey, now, log },
  channel: settings.channel,
  random: Math.random,
  onOutcome: ({ channel: id, outcome, waitedMs }) => {
    // One series for all browsers.
    const channel = id.replace(/\/.*/, "");
    metrics.deliveries.inc({ channel, outcome });
    if (outcome === "ok") {
      metrics.acceptSeconds.observe({ channel }, waitedMs / 1000);
    }
    if (outcome === "disable") switchOff(id);
  },
});
const repeats = createRepeats(log);
const send = repeats.every(sendEveryMs, "deliveries", sender.send);
const failOver = repeats.every(failOverEveryMs, "failover", async () => {
  if ((await outbox.failOver(now())) > 0) send();
});
failOver();
const routing = startRouting({
  ...{ kafka, admin, codec, namespace, log, now },
  store: createRouterStore(redis, namespace),
  plan: settings.plan,
  zoneOffset,
  owner: config.owner,
  onRows: send,
  onLost: (why) => {
    log.fatal({ why }, "routing ended: starting over");
    process.exit(1);
  },
});
leads = routing.leads;
firing = () => {
  const state = routing.state();
  return state === null ? [] : [...firingLabels(state)];
};
ready = true;
log.info({ port: config.port, namespace }, "notifier is up");

closeWithGrace({ delay: 8000, logger: log }, async () => {
  ready = false;
  await app.close();
  await routing.stop();
  await repeats.stop();
  await sender.idle();
  await following.stop();
  await writer.stop();
  await admin.disconnect();
  redis.disconnect();
});
