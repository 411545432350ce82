/** Entry of the web app. */
import { createApp, watchEffect } from "vue";
import App from "./App.vue";
import { createWords } from "./i18n.ts";
import { createPages } from "./router.ts";
import { settings } from "./session.ts";
import "./tokens.css";

const words = createWords(settings.lang);
const router = createPages();
watchEffect(() => {
  const locale = words.global.locale as unknown as { value: string };
  locale.value = settings.lang;
  document.documentElement.lang = settings.lang;
});
createApp(App).use(words).use(router).mount("#app");
