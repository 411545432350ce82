/** Language and theme: in the address, remembered for the next visit. */
import { reactive } from "vue";

/** `en-XA` is English made longer by two fifths, to find what does not fit. */
export type Lang = "zh-CN" | "en" | "en-XA";
export type Theme = "dark" | "light";

interface Settings {
  lang: Lang;
  /** Empty until chosen: the wall is dark, the console follows the system. */
  theme: Theme | "";
}

const storageKey = (name: keyof Settings): string => `riskwall.${name}`;

function langOf(text: string): Lang {
  return text === "en" || text === "en-XA" ? text : "zh-CN";
}

function themeOf(text: string): Theme | "" {
  return text === "dark" || text === "light" ? text : "";
}

export const settings = reactive<Settings>({ lang: "zh-CN", theme: "" });

/** Takes what the address asks, else what was chosen before. */
export function restoreSettings(search: string): void {
  const asked = new URLSearchParams(search);
  const given = (name: keyof Settings): string =>
    asked.get(name) ?? localStorage.getItem(storageKey(name)) ?? "";
  settings.lang = langOf(given("lang"));
  settings.theme = themeOf(given("theme"));
}

/** Keeps a language for the next visit. */
export function chooseLang(lang: Lang): void {
  localStorage.setItem(storageKey("lang"), lang);
  settings.lang = lang;
}

/** Keeps a theme for the next visit. */
export function chooseTheme(theme: Theme): void {
  localStorage.setItem(storageKey("theme"), theme);
  settings.theme = theme;
}

/** Theme of a page where none was chosen. */
export function defaultTheme(path: string): Theme {
  if (path === "/wall") return "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
