/**
 * Sends what is owed: claims a delivery, makes the request, judges the answer,
 * stores what became of it. A process that dies in between leaves a claim that
 * runs out; the delivery goes again under the same id.
 */
import { alertLinkToken } from "@riskwall/schemas/alert-links";
import type { Logger } from "pino";
import type { BoundChannel } from "./channels/channel-kinds.ts";
import type { Letter } from "./channels/channel.ts";
import { digestOf, type Notice } from "./core/notice.ts";
import { attemptsMax, pauseMs, type Outcome } from "./core/retry.ts";
import { wordsOf } from "./core/wording.ts";
import type { Transmit } from "./io/transmit.ts";
import { hideSecrets } from "./mask-sending.ts";
import {
  verdictOf,
  type Claimed,
  type ClaimRules,
  type Outbox,
} from "./outbox/outbox.ts";

/** Deliveries of one channel sent side by side at most. */
export const sideMax = 8;

export interface SendDeps {
  readonly outbox: Pick<Outbox, "channels" | "claim" | "finish" | "failOver">;
  readonly channel: (id: string) => BoundChannel | null;
  readonly transmit: Transmit;
  readonly publicUrl: string;
  /** Key of the links that show one alert without sign-in. */
  readonly linkKey: Buffer;
  readonly now: () => number;
  /** In [0, 1), for jitter. */
  readonly random: () => number;
  readonly log: Pick<Logger, "warn" | "error">;
  readonly onOutcome: (sent: Sent) => void;
}

/** What is counted of a try. */
export interface Sent {
  readonly channel: string;
  readonly outcome: string;
  /** From being owed to now. */
  readonly waitedMs: number;
}

const goneRules: ClaimRules = { quotas: [], digestMax: 0 };

export interface Sender {
  /** Starts all that is due and may be sent; never waits for an answer. */
  readonly send: () => Promise<void>;
  /** Resolves when no try is under way. */
  readonly idle: () => Promise<void>;
}

export function createSender(deps: SendDeps): Sender {
  const running = new Map<string, Set<Promise<void>>>();
  const claiming = new Set<string>();

  const claimAll = async (id: string, tasks: Set<Promise<void>>) => {
    while (tasks.size < sideMax) {
      const channel = deps.channel(id);
      const rules = channel?.rules ?? goneRules;
      const claim = await deps.outbox.claim(id, rules, deps.now());
      if (claim.kind !== "row") return;
      const task = sendOne(claim.row, channel, deps)
        .catch((error: unknown) => {
          // The claim runs out, and the delivery goes again.
          const { row } = claim;
          deps.log.error(
            { delivery: row.id, error: String(error) },
            "not sent",
          );
        })
        .finally(() => tasks.delete(task));
      tasks.add(task);
    }
  };

  /** Slow answers of one channel hold up no other, and not its own rest. */
  const sendOn = async (id: string): Promise<void> => {
    if (claiming.has(id)) return;
    claiming.add(id);
    const tasks = running.get(id) ?? new Set();
    running.set(id, tasks);
    try {
      await claimAll(id, tasks);
    } finally {
      claiming.delete(id);
    }
    if (tasks.size >= sideMax) {
      // The next claim waits for the first answer, not for the next round.
      Promise.race(tasks)
        .then(async () => sendOn(id))
        .catch((error: unknown) => {
          deps.log.warn({ channel: id, error: String(error) }, "sent later");
        });
    }
  };

  return {
    send: async () => {
      const channels = await deps.outbox.channels();
      await Promise.all(channels.map(sendOn));
    },
    idle: async () => {
      const tasks = (): Promise<void>[] =>
        [...running.values()].flatMap((set) => [...set]);
      while (tasks().length > 0) await Promise.all(tasks());
    },
  };
}

/** The message a claim stands for. */
export function noticeOf({ id, bodies }: Claimed, now: number): Notice {
  // Written by this service, read back as it was.
  const notices = bodies.map((body) => JSON.parse(body) as Notice);
  const [only] = notices;
  return notices.length === 1 && only ? only : digestOf(id, notices, now);
}

/** A letter of a notice to one channel. */
export function letterOf(
  notice: Notice,
  deliveryId: string,
  channel: Pick<BoundChannel, "language">,
  deps: Pick<SendDeps, "publicUrl" | "linkKey" | "now">,
): Letter {
  const { language } = channel;
  const { publicUrl, linkKey } = deps;
  const now = deps.now();
  const words = wordsOf(notice, language, publicUrl);
  const { alertId } = words;
  const phoneLink =
    alertId === null
      ? null
      : `${publicUrl}/m/a/${encodeURIComponent(alertId)}#${alertLinkToken(linkKey, alertId, now)}.${deliveryId}`;
  return { deliveryId, notice, words, language, publicUrl, phoneLink, now };
}

interface Tried {
  readonly outcome: Outcome;
  readonly answer: string;
}

async function tryOnce(
  row: Claimed,
  channel: BoundChannel | null,
  deps: SendDeps,
): Promise<Tried> {
  if (!channel?.enabled) {
    const why = "the channel is gone or off";
    return { outcome: { kind: "config", why }, answer: "" };
  }
  const notice = noticeOf(row, deps.now());
  const sending = channel.build(letterOf(notice, row.id, channel, deps));
  const sent = await deps.transmit(sending, channel.allowPrivate);
  switch (sent.kind) {
    case "refused":
      return { outcome: { kind: "config", why: sent.why }, answer: "" };
    case "failed": {
      const { why } = sent;
      return { outcome: { kind: "retry", why, afterMs: null }, answer: "" };
    }
    case "reply": {
      const { status, body } = sent.reply;
      const answer = `${String(status)} ${body}`;
      return { outcome: channel.judge(sent.reply, deps.now()), answer };
    }
  }
}

async function sendOne(
  row: Claimed,
  channel: BoundChannel | null,
  deps: SendDeps,
): Promise<void> {
  const tried = await tryOnce(row, channel, deps);
  // Kept and logged: providers repeat addresses and keys in what they say.
  const hide = (text: string): string =>
    hideSecrets(text, channel?.secrets ?? []);
  const answer = hide(tried.answer);
  const { outcome } = tried;
  const now = deps.now();
  const { attempts } = row;
  const givenUp = outcome.kind === "retry" && attempts >= attemptsMax;
  const afterMs = outcome.kind === "retry" ? outcome.afterMs : null;
  const judged = verdictOf(outcome, {
    ...{ now, givenUp, answer },
    pauseMs: pauseMs(attempts, afterMs, deps.random()),
  });
  const verdict = { ...judged, why: hide(judged.why) };
  await deps.outbox.finish(row, verdict, now);
  const { outcome: label, why } = verdict;
  deps.onOutcome({
    channel: row.channel,
    outcome: outcome.kind === "disable" ? "disable" : label,
    waitedMs: now - row.queuedAt,
  });
  const about = { delivery: row.id, channel: row.channel, attempts, why };
  if (label === "retry") deps.log.warn(about, "sent later");
  else if (label !== "ok") deps.log.error(about, "given up");
}
