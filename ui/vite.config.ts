import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte()],
  clearScreen: false,
  // The desktop shell expects the development server here and nowhere else.
  server: { port: 1420, strictPort: true, host: "127.0.0.1" },
  build: {
    // The first with light-dark(): rewritten for older ones, it would follow the system and not the person's choice.
    target: ["safari17.5", "chrome123"],
    // Fonts stay files: the content security policy allows them from 'self' only, not from data: URLs.
    assetsInlineLimit: 0,
    // One bundle is read from the disk at once; splitting it would only add round trips.
    chunkSizeWarningLimit: 900,
  },
  // Without this the tests would get Svelte's server build, in which nothing mounts.
  resolve: process.env["VITEST"] ? { conditions: ["browser"] } : {},
  test: { environment: "happy-dom", include: ["tests/**/*.test.ts"] },
});
