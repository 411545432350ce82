/** The browser's side of Web Push, written from RFC 8291, 8188 and 8292. */
import {
  createDecipheriv,
  createECDH,
  createPublicKey,
  hkdfSync,
  verify,
  type ECDH,
} from "node:crypto";

const uncompressed = 0x04;
const saltBytes = 16;
const keyBytes = 65;

export interface PushBrowser {
  /** As `PushSubscription.toJSON().keys` has them. */
  readonly keys: { readonly p256dh: string; readonly auth: string };
  /** Text of an encrypted body. */
  readonly open: (body: Buffer) => string;
}

/** `privateKey` and `auth` in base64url; a fresh key pair where none is given. */
export function createPushBrowser(
  auth: string,
  privateKey?: string,
): PushBrowser {
  const own: ECDH = createECDH("prime256v1");
  if (privateKey === undefined) own.generateKeys();
  else own.setPrivateKey(Buffer.from(privateKey, "base64url"));
  const publicKey = own.getPublicKey();
  const secret = Buffer.from(auth, "base64url");
  return {
    keys: { p256dh: publicKey.toString("base64url"), auth },
    open: (body) => {
      const salt = body.subarray(0, saltBytes);
      const idLength = body[saltBytes + 4] ?? 0;
      const senderKey = body.subarray(saltBytes + 5, saltBytes + 5 + idLength);
      if (idLength !== keyBytes || senderKey[0] !== uncompressed) {
        throw new Error("no key of the sender");
      }
      const shared = own.computeSecret(senderKey);
      const info = Buffer.concat([
        Buffer.from("WebPush: info\0"),
        publicKey,
        senderKey,
      ]);
      const ikm = Buffer.from(hkdfSync("sha256", shared, secret, info, 32));
      const derive = (what: string, length: number): Buffer =>
        Buffer.from(
          hkdfSync("sha256", ikm, salt, `Content-Encoding: ${what}\0`, length),
        );
      const sealed = body.subarray(saltBytes + 5 + idLength);
      const cipher = createDecipheriv(
        "aes-128-gcm",
        derive("aes128gcm", 16),
        derive("nonce", 12),
      );
      cipher.setAuthTag(sealed.subarray(-16));
      const padded = Buffer.concat([
        cipher.update(sealed.subarray(0, -16)),
        cipher.final(),
      ]);
      // The last record ends with 2 and padding of zeros.
      return padded.subarray(0, padded.lastIndexOf(2)).toString();
    },
  };
}

/** True when `vapid t=…, k=…` was signed by that key for that service. */
export function isVapidOf(
  authorization: string,
  publicKey: string,
  audience: string,
  now: number,
): boolean {
  const [, token = "", key] =
    /^vapid t=([\w.-]+), ?k=([\w-]+)$/.exec(authorization) ?? [];
  if (key !== publicKey) return false;
  const [head = "", claims = "", signature = ""] = token.split(".");
  const point = Buffer.from(publicKey, "base64url");
  const jwk = {
    ...{ kty: "EC", crv: "P-256" },
    x: point.subarray(1, 33).toString("base64url"),
    y: point.subarray(33).toString("base64url"),
  };
  const isSigned = verify(
    "sha256",
    Buffer.from(`${head}.${claims}`),
    {
      key: createPublicKey({ key: jwk, format: "jwk" }),
      dsaEncoding: "ieee-p1363",
    },
    Buffer.from(signature, "base64url"),
  );
  const said = JSON.parse(Buffer.from(claims, "base64url").toString()) as {
    readonly aud: string;
    readonly exp: number;
  };
  return isSigned && said.aud === audience && said.exp * 1000 > now;
}
