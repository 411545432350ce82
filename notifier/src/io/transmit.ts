/** One request or mail on its way: pinned address, no redirects, bounded. */
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import { checkTarget, type Target } from "@riskwall/schemas/outbound-target";
import { createTransport } from "nodemailer";
import type { HttpSending, MailSending, Sending } from "../channels/channel.ts";
import type { Reply } from "../core/retry.ts";

export const timeoutMs = 15_000;
/** Bytes of a reply read at most. */
const replyMaxBytes = 65_536;

export type Transmission =
  | { readonly kind: "reply"; readonly reply: Reply }
  /** We do not send there. */
  | { readonly kind: "refused"; readonly why: string }
  /** Nobody answered. */
  | { readonly kind: "failed"; readonly why: string };

/** Sends once; the answer is whatever came back. */
export type Transmit = (
  sending: Sending,
  allowPrivate: boolean,
) => Promise<Transmission>;

const textOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

export const transmit: Transmit = async (sending, allowPrivate) => {
  try {
    switch (sending.kind) {
      case "http":
        return await postHttp(sending, allowPrivate);
      case "mail":
        return await sendMail(sending);
      case "none":
        return { kind: "refused", why: sending.why };
    }
  } catch (error) {
    return { kind: "failed", why: textOf(error) };
  }
};

async function postHttp(
  sending: HttpSending,
  allowPrivate: boolean,
): Promise<Transmission> {
  const target = await checkTarget(sending.url, allowPrivate);
  switch (target.kind) {
    case "refused":
      return { kind: "refused", why: target.why };
    case "unresolved":
      return { kind: "failed", why: target.why };
    case "ok":
      return callWithToken(target, sending, allowPrivate);
  }
}

async function callWithToken(
  target: OkTarget,
  sending: HttpSending,
  allowPrivate: boolean,
): Promise<Transmission> {
  const { token } = sending;
  if (token === undefined) {
    return { kind: "reply", reply: await call(target, sending) };
  }
  const asked = await postHttp(token.ask, allowPrivate);
  if (asked.kind !== "reply") return asked;
  const text = token.read(asked.reply);
  if (text === null) return asked;
  const headers = { ...sending.headers, authorization: `Bearer ${text}` };
  return { kind: "reply", reply: await call(target, { ...sending, headers }) };
}

type OkTarget = Extract<Target, { readonly kind: "ok" }>;

async function call(target: OkTarget, sending: HttpSending): Promise<Reply> {
  const { url, address, family } = target;
  const { method, headers, body } = sending;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const request = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((done, fail) => {
    const call = request(url, {
      method,
      headers: { ...headers, "content-length": Buffer.byteLength(body) },
      signal: AbortSignal.timeout(timeoutMs),
      agent: false,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      // The checked address is the one connected to: names may move meanwhile.
      lookup: (_name, options, found) => {
        if (options.all === true) found(null, [{ address, family }]);
        else found(null, address, family);
      },
    });
    call.once("error", fail);
    call.once("response", (reply) => {
      let bytes = 0;
      const chunks: Buffer[] = [];
      reply.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > replyMaxBytes) reply.destroy();
        else chunks.push(chunk);
      });
      reply.on("error", fail);
      reply.once("close", () => {
        done({
          status: reply.statusCode ?? 0,
          headers: { "retry-after": reply.headers["retry-after"] },
          body: Buffer.concat(chunks).toString(),
        });
      });
    });
    call.end(body);
  });
}

/** A mail server's refusal carries its code; anything else is a failure. */
async function sendMail(sending: MailSending): Promise<Transmission> {
  const { server, from, to, subject, text, html } = sending;
  const { user, password: pass } = server;
  const transport = createTransport({
    host: server.host,
    port: server.port,
    secure: server.secure,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(user === "" ? {} : { auth: { user, pass } }),
  });
  try {
    const sent = await transport.sendMail({
      ...{ from, to: [...to], subject, text, html },
      messageId: sending.messageId,
      headers: { ...sending.headers },
      ...(sending.inReplyTo === null
        ? {}
        : { inReplyTo: sending.inReplyTo, references: sending.inReplyTo }),
    });
    return { kind: "reply", reply: replyOf(250, sent.response) };
  } catch (error) {
    const code =
      error instanceof Error && "responseCode" in error
        ? Number(error.responseCode)
        : 0;
    if (code === 0) return { kind: "failed", why: textOf(error) };
    return { kind: "reply", reply: replyOf(code, textOf(error)) };
  } finally {
    transport.close();
  }
}

const replyOf = (status: number, body: string): Reply => ({
  status,
  headers: {},
  body,
});
