import vue from "@vitejs/plugin-vue";
import { ElementPlusResolver } from "unplugin-vue-components/resolvers";
import components from "unplugin-vue-components/vite";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [
    vue(),
    components({ dts: false, resolvers: [ElementPlusResolver()] }),
  ],
  build: { target: "es2023", chunkSizeWarningLimit: 1200 },
});
