// The six areas of the application, as the navigation, the shortcuts and the palette name them.
import type { Component } from "svelte";
import Activity from "@lucide/svelte/icons/activity";
import MapPin from "@lucide/svelte/icons/map-pin";
import PackageIcon from "@lucide/svelte/icons/package";
import RouterIcon from "@lucide/svelte/icons/router";
import Settings from "@lucide/svelte/icons/settings";
import Users from "@lucide/svelte/icons/users";
import { m } from "../messages/messages";

export type AreaKey = "customers" | "sessions" | "packages" | "zones" | "routers" | "settings";
export type Area = { key: AreaKey; label: () => string; icon: Component<{ size?: number | string }>; shortcut: string };

export const AREAS: Area[] = [
  { key: "customers", label: m.customers, icon: Users, shortcut: "Alt+1" },
  { key: "sessions", label: m.sessions, icon: Activity, shortcut: "Alt+2" },
  { key: "packages", label: m.packages, icon: PackageIcon, shortcut: "Alt+3" },
  { key: "zones", label: m.zones, icon: MapPin, shortcut: "Alt+4" },
  { key: "routers", label: m.routers, icon: RouterIcon, shortcut: "Alt+5" },
  { key: "settings", label: m.settings, icon: Settings, shortcut: "Alt+6" },
];
