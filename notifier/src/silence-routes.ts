/** HTTP of silences: listed, made, ended. */
import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import {
  endedNow,
  inOrder,
  silenceEntry,
  silenceFault,
  silenceKeepMs,
  silencesMax,
  silenceState,
  silenceStates,
  type KeptSilence,
} from "./core/silences.ts";
import { invalid, refuse } from "./problem.ts";
import { matcherTexts } from "./routing-file.ts";

export interface SilenceDeps {
  readonly silences: () => readonly KeptSilence[];
  /** Stores one entry of the settings, in force when it resolves. */
  readonly change: (key: string, value: object | null) => Promise<void>;
  readonly now: () => number;
}

const instant = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text));

const draft = z.object({
  matchers: matcherTexts.min(1),
  startsAt: instant.optional(),
  endsAt: instant,
  createdBy: z.string().trim().min(1).max(200),
  comment: z.string().trim().min(1).max(2000),
});
const query = z.object({ state: z.enum(silenceStates).optional() });
const idParam = z.object({ id: z.string().min(1).max(100) });

const unknown = {
  ...{ status: 404, code: "silence_unknown", title: "No such silence" },
} as const;

export function addSilenceRoutes(
  app: FastifyInstance,
  { silences, change, now }: SilenceDeps,
): void {
  const view = (silence: KeptSilence): object => ({
    ...silenceEntry(silence),
    state: silenceState(silence, now()),
  });
  const find = (id: string): KeptSilence | undefined =>
    silences().find((one) => one.id === id);

  /** What ended long ago makes room. */
  const forget = async (): Promise<void> => {
    const before = now() - silenceKeepMs;
    for (const { id, endsAt } of silences()) {
      if (endsAt < before) await change(`silence:${id}`, null);
    }
  };

  app.get("/v1/silences", async (request, reply) => {
    const asked = query.safeParse(request.query);
    if (!asked.success) {
      return refuse(reply, invalid(asked.error, "invalid_query"));
    }
    const at = now();
    const all = inOrder(silences(), at);
    const { state } = asked.data;
    const counts = Object.fromEntries(
      silenceStates.map((name) => [
        name,
        all.filter((one) => silenceState(one, at) === name).length,
      ]),
    );
    const items = all
      .filter((one) => state === undefined || silenceState(one, at) === state)
      .map(view);
    return { items, counts, next: null };
  });

  app.get("/v1/silences/:id", async (request, reply) => {
    const silence = find(idParam.parse(request.params).id);
    return silence ? view(silence) : refuse(reply, unknown);
  });

  app.post("/v1/silences", async (request, reply) => {
    const parsed = draft.safeParse(request.body);
    if (!parsed.success) return refuse(reply, invalid(parsed.error));
    const { startsAt = now(), ...rest } = parsed.data;
    const silence = { id: randomUUID(), startsAt, ...rest };
    const fault = silenceFault(silence, now());
    if (fault) return refuse(reply, { status: 422, ...fault });
    await forget();
    if (silences().length >= silencesMax) {
      const title = `There are ${String(silencesMax)} silences already`;
      return refuse(reply, { status: 409, code: "silences_full", title });
    }
    await change(`silence:${silence.id}`, silenceEntry(silence));
    return reply.status(201).send(view(silence));
  });

  app.post("/v1/silences/:id/expire", async (request, reply) => {
    const silence = find(idParam.parse(request.params).id);
    if (!silence) return refuse(reply, unknown);
    if (silenceState(silence, now()) === "expired") {
      const title = "It is over already";
      return refuse(reply, { status: 409, code: "silence_expired", title });
    }
    const ended = endedNow(silence, now());
    await change(`silence:${silence.id}`, silenceEntry(ended));
    return view(ended);
  });
}
