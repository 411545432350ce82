/** Entry of the phone's pages, `/m`: small, and nothing of the console in it. */
import { createApp } from "vue";
import { restoreSettings, settings } from "../settings.ts";
import "../tokens.css";
import { createPhoneWords } from "../words/create-phone-words.ts";
import PhoneApp from "./PhoneApp.vue";

restoreSettings(location.search);
createApp(PhoneApp).use(createPhoneWords(settings.lang)).mount("#app");

/** Pages that browsers do not trust (plain HTTP) work without the kept shell. */
async function keepShell(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register("/m-worker.js", { scope: "/m" });
  } catch (error) {
    console.info("the shell is not kept", String(error));
  }
}
void keepShell();
