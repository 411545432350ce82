/** HTTP and sockets on one port, and how they end. */
import { fileURLToPath } from "node:url";
import type { AuditHead } from "@riskwall/schemas/audit";
import type { Codec } from "@riskwall/schemas/codec";
import type { Logger } from "pino";
import { sessionCookieName } from "./access.ts";
import type { AuditTrail } from "./audit/trail.ts";
import { createActions } from "./actions.ts";
import type { Config } from "./config.ts";
import { createOnCall } from "./duty/on-call.ts";
import type { IngestDoor } from "./io/ingest-door.ts";
import type { LogWriter } from "./io/kafka.ts";
import type { NotifierCall } from "./io/notifier-call.ts";
import { connectNotifier } from "./io/notifier.ts";
import type { Once } from "./io/once.ts";
import type { Past } from "./io/past.ts";
import type { Present } from "./io/present.ts";
import type { Processor } from "./io/processor.ts";
import type { Redrives } from "./io/redrives.ts";
import type { Sessions } from "./io/sessions.ts";
import type { Settings } from "./io/settings.ts";
import { createLiveSockets, type LiveSockets } from "./io/socket.ts";
import type { Live } from "./live/live.ts";
import type { Metrics } from "./metrics.ts";
import type { Entrance } from "./people/entrance.ts";
import { createPush } from "./people/push.ts";
import { buildServer } from "./server.ts";

export interface ServeDeps {
  readonly config: Config;
  readonly live: Live;
  readonly present: Present;
  readonly past: Past;
  readonly processor: Processor;
  readonly settings: Settings;
  readonly sessions: Sessions;
  readonly writer: LogWriter;
  readonly audit: AuditTrail;
  readonly auditHead: () => AuditHead;
  readonly entrance: Entrance;
  /** Names who is told when somebody's rights change. */
  readonly onRights: (drop: (user: string) => void) => void;
  readonly codec: Codec;
  readonly callNotifier: NotifierCall;
  readonly redrives: Redrives;
  readonly once: Once;
  readonly door: IngestDoor;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly redisUp: () => boolean;
  readonly now: () => number;
}

export interface Serving {
  readonly port: number;
  /** Not ready first, then clients are told, then the port closes. */
  stop: () => Promise<void>;
}

/** Without these the dashboard shows nothing; without history, less. */
const needed = ["redis", "live"];

export async function serve(deps: ServeDeps): Promise<Serving> {
  const { config, live, settings, sessions, metrics, log, now, audit } = deps;
  const cookieName = sessionCookieName(config.publicUrl);
  const notifier = connectNotifier(deps.callNotifier);
  const onCall = createOnCall({
    ...{ settings, audit, now, writer: deps.writer },
    callNotifier: deps.callNotifier,
    publicUrl: config.publicUrl,
  });
  let draining = false;
  let sockets: LiveSockets | null = null;
  const app = await buildServer({
    actions: createActions({
      ...{ writer: deps.writer, audit, now },
      answers: live.hub.answers,
    }),
    ...{ ...deps.entrance, audit, cookieName },
    publicUrl: config.publicUrl,
    trustedProxies: config.trustedProxies,
    auditHead: deps.auditHead,
    ...{ settings, sessions, log, now },
    present: deps.present,
    past: deps.past,
    processor: deps.processor,
    writer: deps.writer,
    codec: deps.codec,
    ...{ notifier, onCall },
    push: createPush({
      ...{ settings, notifier, audit, now },
      put: async (id, browser) => {
        const offset = await deps.writer.setting(`push:${id}`, browser);
        await onCall.duty.reached(offset);
      },
    }),
    redrives: deps.redrives,
    once: deps.once,
    door: deps.door,
    directory: live.directory,
    standingHeads: live.standingHeads,
    queue: live.queue,
    book: live.hub.book,
    decisions: live.hub.decisions,
    feed: live.feed,
    broadcast: live.broadcast,
    subscribe: live.subscribe,
    scale: live.scale,
    totals: live.portfolio.totals,
    onSessionEnd: (session) => sockets?.endSession(session),
    onUserEnd: (user) => sockets?.dropUser(user),
    parts: async () => ({
      redis: deps.redisUp(),
      live: live.caughtUp(),
      history: await deps.past.ping(),
    }),
    needed,
    draining: () => draining,
    metrics: metrics.registry,
    webRoot: fileURLToPath(new URL("../../web/dist", import.meta.url)),
  });
  const io = createLiveSockets({
    http: app.server,
    feed: live.feed,
    ...{ sessions, settings, log, now, audit, cookieName },
    publicUrl: config.publicUrl,
    subscribe: live.subscribe,
    onPixel: live.onPixel,
    onDigestMismatch: () => {
      metrics.digestMismatches.inc();
    },
  });
  sockets = io;
  deps.onRights(io.dropUser);
  live.attach({
    send: io.send,
    hasRoom: io.hasRoom,
    clients: () => {
      metrics.clients.set(io.clients());
      return io.clients();
    },
  });
  await app.listen({ host: config.host, port: config.port });
  const address = app.server.address();
  return {
    port: typeof address === "object" && address ? address.port : config.port,
    stop: async () => {
      draining = true;
      await io.close();
      await app.close();
    },
  };
}
