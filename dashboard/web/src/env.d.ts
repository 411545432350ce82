/// <reference types="vite/client" />

/** Made by the build (vite.config.ts): the phone's part of the words. */
declare module "virtual:phone-words" {
  export const phoneWords: Readonly<
    // An ambient module can import nothing by a relative name.
    // eslint-disable-next-line @typescript-eslint/consistent-type-imports
    Record<"zh-CN" | "en", import("./words/phone-words.ts").PhoneWords>
  >;
}
