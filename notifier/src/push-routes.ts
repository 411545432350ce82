/** HTTP of Web Push: what a browser needs to know to register. */
import type { FastifyInstance } from "fastify";
import webPush from "web-push";
import type { BoundChannel } from "./channels/channel-kinds.ts";
import { refuse } from "./problem.ts";
import { vapidKey, type Vapid } from "./push-devices.ts";

export interface PushDeps {
  readonly vapid: () => Vapid | null;
  readonly pushChannel: () => BoundChannel | null;
  readonly change: (key: string, value: object | null) => Promise<void>;
}

export function addPushRoutes(app: FastifyInstance, deps: PushDeps): void {
  let making: Promise<void> | null = null;
  const make = async (): Promise<void> => {
    try {
      await deps.change(vapidKey, webPush.generateVAPIDKeys());
    } finally {
      making = null;
    }
  };

  app.get("/v1/push", async (_, reply) => {
    const channel = deps.pushChannel();
    if (channel === null) {
      const title = "No channel of the kind webpush is set up";
      return refuse(reply, { status: 409, code: "push_off", title });
    }
    // Made once, when the first browser asks.
    if (deps.vapid() === null) await (making ??= make());
    const publicKey = deps.vapid()?.publicKey ?? null;
    return { channel: channel.id, publicKey };
  });
}
