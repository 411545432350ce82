import { createI18n } from "vue-i18n";
import type { Lang } from "../settings.ts";
import { en } from "./en.ts";
import { pseudoWords } from "./pseudo.ts";
import { zhCn } from "./zh-cn.ts";

/** The words of every page; `composer.locale` switches the language. */
export function createWords(lang: Lang) {
  return createI18n({
    legacy: false,
    locale: lang,
    fallbackLocale: "en",
    messages: {
      ...{ "zh-CN": zhCn, en },
      "en-XA": lang === "en-XA" ? pseudoWords(en) : en,
    },
  });
}
