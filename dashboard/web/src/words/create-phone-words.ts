import { phoneWords } from "virtual:phone-words";
import { createI18n } from "vue-i18n";
import type { Lang } from "../settings.ts";
import { pseudoWords } from "./pseudo.ts";

/** The words of the phone's pages; `composer.locale` switches the language. */
export function createPhoneWords(lang: Lang) {
  const { en } = phoneWords;
  return createI18n({
    legacy: false,
    locale: lang,
    fallbackLocale: "en",
    messages: {
      ...phoneWords,
      "en-XA": lang === "en-XA" ? pseudoWords({ ...en }) : en,
    },
  });
}
