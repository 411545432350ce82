/** How Alibaba Cloud and Tencent Cloud have requests signed. */
import { createHash, createHmac } from "node:crypto";
import type { HttpSending } from "./channel.ts";
import { sha256Hex } from "./sign.ts";

const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac("sha256", key).update(text).digest();

/** RFC 3986, which `encodeURIComponent` is but for five signs. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

export interface AlibabaCall {
  readonly host: string;
  readonly action: string;
  readonly version: string;
  readonly query: Readonly<Record<string, string>>;
  readonly keyId: string;
  readonly keySecret: string;
  /** Never the same twice. */
  readonly nonce: string;
  readonly now: number;
}

/** Signature V3 (ACS3-HMAC-SHA256) of a call in the RPC style. */
export function signAlibaba(call: AlibabaCall): HttpSending {
  const query = Object.entries(call.query)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join("&");
  const bodyHash = sha256Hex("");
  const headers: Readonly<Record<string, string>> = {
    host: call.host,
    "x-acs-action": call.action,
    "x-acs-content-sha256": bodyHash,
    "x-acs-date": new Date(call.now).toISOString().replace(/\.\d+Z$/, "Z"),
    "x-acs-signature-nonce": call.nonce,
    "x-acs-version": call.version,
  };
  const names = Object.keys(headers).join(";");
  const lines = Object.entries(headers).map((pair) => `${pair.join(":")}\n`);
  const request = ["POST", "/", query, lines.join(""), names, bodyHash];
  const hash = sha256Hex(request.join("\n"));
  const signature = hmac(call.keySecret, `ACS3-HMAC-SHA256\n${hash}`);
  const authorization = `ACS3-HMAC-SHA256 Credential=${call.keyId},SignedHeaders=${names},Signature=${signature.toString("hex")}`;
  return {
    ...{ kind: "http", method: "POST", body: "" },
    url: `https://${call.host}/?${query}`,
    headers: { ...headers, authorization },
  };
}

export interface TencentCall {
  readonly host: string;
  readonly service: string;
  readonly action: string;
  readonly version: string;
  readonly region: string;
  readonly body: string;
  readonly secretId: string;
  readonly secretKey: string;
  readonly now: number;
}

/** TC3-HMAC-SHA256 over content type and host. */
export function signTencent(call: TencentCall): HttpSending {
  const { host, service, body, secretId, secretKey } = call;
  const timestamp = String(Math.floor(call.now / 1000));
  const day = new Date(call.now).toISOString().slice(0, 10);
  const contentType = "application/json; charset=utf-8";
  const names = "content-type;host";
  const hash = createHash("sha256").update(body).digest("hex");
  const headerLines = `content-type:${contentType}\nhost:${host}\n`;
  const request = ["POST", "/", "", headerLines, names, hash].join("\n");
  const scope = `${day}/${service}/tc3_request`;
  const text = `TC3-HMAC-SHA256\n${timestamp}\n${scope}\n${sha256Hex(request)}`;
  const dayKey = hmac(hmac(`TC3${secretKey}`, day), service);
  const signature = hmac(hmac(dayKey, "tc3_request"), text).toString("hex");
  return {
    ...{ kind: "http", method: "POST", url: `https://${host}/`, body },
    headers: {
      ...{ "content-type": contentType, host },
      ...{ "x-tc-action": call.action, "x-tc-version": call.version },
      ...{ "x-tc-timestamp": timestamp, "x-tc-region": call.region },
      authorization: `TC3-HMAC-SHA256 Credential=${secretId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
    },
  };
}
