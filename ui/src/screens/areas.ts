// The areas of the application, as the navigation, the shortcuts and the palette name them.
import type { Component } from "svelte";
import Activity from "@lucide/svelte/icons/activity";
import FileCog from "@lucide/svelte/icons/file-cog";
import IdCard from "@lucide/svelte/icons/id-card";
import ListChecks from "@lucide/svelte/icons/list-checks";
import MapPin from "@lucide/svelte/icons/map-pin";
import Network from "@lucide/svelte/icons/network";
import PackageIcon from "@lucide/svelte/icons/package";
import RouterIcon from "@lucide/svelte/icons/router";
import ScrollText from "@lucide/svelte/icons/scroll-text";
import Settings from "@lucide/svelte/icons/settings";
import Users from "@lucide/svelte/icons/users";
import { reach } from "../app/reach.svelte";
import { session } from "../app/session.svelte";
import { m } from "../messages/messages";

export type AreaKey = "customers" | "sessions" | "packages" | "zones" | "routers" | "templates" | "runs" | "staff" | "operators" | "audit" | "settings";
export type Area = {
  key: AreaKey;
  label: () => string;
  icon: Component<{ size?: number | string }>;
  shortcut: string;
  /** Whether the area is there for whoever is logged in. */
  open: () => boolean;
};

const everybody = () => true;

export const AREAS: readonly Area[] = [
  { key: "customers", label: m.customers, icon: Users, shortcut: "Alt+1", open: () => session.may("customer_read") },
  { key: "sessions", label: m.sessions, icon: Activity, shortcut: "Alt+2", open: () => session.may("session_read") },
  { key: "packages", label: m.packages, icon: PackageIcon, shortcut: "Alt+3", open: everybody },
  { key: "zones", label: m.zones, icon: MapPin, shortcut: "Alt+4", open: everybody },
  { key: "routers", label: m.routers, icon: RouterIcon, shortcut: "Alt+5", open: () => session.may("router_read") },
  { key: "templates", label: m.templates, icon: FileCog, shortcut: "Alt+T", open: () => session.may("router_read") },
  { key: "runs", label: m.runs, icon: ListChecks, shortcut: "Alt+0", open: () => session.may("router_read") },
  { key: "staff", label: m.staff, icon: IdCard, shortcut: "Alt+6", open: () => session.may("staff_manage") },
  { key: "operators", label: m.operators, icon: Network, shortcut: "Alt+7", open: () => reach.several || session.may("operator_manage") },
  { key: "audit", label: m.audit, icon: ScrollText, shortcut: "Alt+8", open: () => session.may("audit_read") },
  { key: "settings", label: m.settings, icon: Settings, shortcut: "Alt+9", open: everybody },
];

export function open_areas(): Area[] {
  return AREAS.filter((area) => area.open());
}
