/**
 * Web Push to one browser: encrypted for it (RFC 8291), signed by our own key
 * (VAPID, RFC 8292). The channel of a file has no browser yet; the settings bind
 * one to it for each that somebody registered.
 */
import webPush from "web-push";
import { z } from "zod";
import { outcomeOfStatus, type Outcome, type Reply } from "../core/retry.ts";
import { fitLines, plainLines } from "../core/wording.ts";
import { channelBase, type ChannelKind, type Letter } from "./channel.ts";
import { providerLimits } from "./provider-limits.ts";
import { sha256Hex } from "./sign.ts";

const settings = channelBase.extend({
  /** Whom a push service writes to when something is wrong. */
  subject: z.string().regex(/^(mailto:|https:)\S{3,200}$/),
  /** All absent until a browser is bound. */
  endpoint: z.url().max(1000).optional(),
  p256dh: z.string().optional(),
  auth: z.string().optional(),
  publicKey: z.string().optional(),
  privateKey: z.string().optional(),
});
type PushSettings = z.output<typeof settings>;

/** What else is in a body: title, address, tag, quotes, the encryption. */
const frameBytes = 1400;
const textMaxBytes = providerLimits.webpush.bodyMaxBytes - frameBytes;
/** How long a push service keeps it for a browser that is away. */
const urgentKeptS = 300;
const keptS = 3600;
/** Characters of a topic at most. */
const topicChars = 32;

/** What the page's service worker is given. */
export interface PushBody {
  /** Title and text. */
  readonly t: string;
  readonly b: string;
  readonly sev: string;
  /** Path of the phone's page. */
  readonly url: string;
  /** A later message of the group takes the place of an earlier one. */
  readonly tag: string;
}

function bodyOf(letter: Letter): PushBody {
  const { words, language, notice, phoneLink, publicUrl } = letter;
  const lines = plainLines(words, language).slice(1);
  return {
    t: words.title,
    b: fitLines(lines, textMaxBytes, language).join("\n"),
    sev: notice.firingCount === 0 ? "info" : notice.severity,
    url: phoneLink?.slice(publicUrl.length) ?? "/m",
    tag: sha256Hex(notice.groupId).slice(0, topicChars),
  };
}

export const webpush: ChannelKind<PushSettings> = {
  kind: "webpush",
  settings,
  build: (mine, letter) => {
    const { endpoint, p256dh, auth, subject, publicKey, privateKey } = mine;
    if (!endpoint || !p256dh || !auth || !publicKey || !privateKey) {
      return { kind: "none", why: "no browser is registered" };
    }
    const body = bodyOf(letter);
    const urgent = body.sev === "critical";
    const request = webPush.generateRequestDetails(
      { endpoint, keys: { p256dh, auth } },
      JSON.stringify(body),
      {
        vapidDetails: { subject, publicKey, privateKey },
        TTL: urgent ? urgentKeptS : keptS,
        urgency: urgent || body.sev === "high" ? "high" : "normal",
        topic: body.tag,
      },
    );
    const headers = Object.entries(request.headers).map(
      ([name, value]) => [name.toLowerCase(), String(value)] as const,
    );
    return {
      ...{ kind: "http", method: "POST", url: endpoint },
      headers: Object.fromEntries(headers),
      body: request.body ?? "",
    };
  },
  judge: judgePush,
};

function judgePush(reply: Reply, now: number): Outcome {
  const outcome = outcomeOfStatus(reply, now);
  // The browser is gone, or its person took it back.
  return reply.status === 404 && outcome.kind === "config"
    ? { kind: "disable", why: outcome.why }
    : outcome;
}
