/** Entry of the web app. */
import { createApp } from "vue";
import App from "./App.vue";
import { createPages } from "./router.ts";
import { restoreSettings, settings } from "./settings.ts";
import { createWords } from "./words/create-words.ts";
import "./tokens.css";

restoreSettings(location.search);
createApp(App).use(createWords(settings.lang)).use(createPages()).mount("#app");
