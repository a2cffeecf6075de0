// Routers that are being tried just now: it may take seconds, and asking twice helps nobody.
import { SvelteSet } from "svelte/reactivity";

export const trying = new SvelteSet<number>();
