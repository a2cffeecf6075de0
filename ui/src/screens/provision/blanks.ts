// Blanks of a template, as a form shows them.
import { m } from "../../messages/messages";
import type { Blank, BlankKind, BlankSource } from "../../platform";
import { capitalised } from "../../words/sentence";

export const SOURCE: Record<BlankSource, () => string> = {
  typed: m.blank_source_typed,
  before: m.blank_source_before,
  known: m.blank_source_known,
  operator: m.blank_source_operator,
  template: m.blank_source_template,
  drawn: m.blank_source_drawn,
  missing: m.blank_source_missing,
};

/** How each kind is written. */
export const PLACEHOLDER: Partial<Record<BlankKind, string>> = {
  address: "10.0.0.1",
  network: "10.0.0.0/24",
  networks: "10.0.0.0/24, 10.1.0.0/24",
  ranges: "10.0.0.2-10.0.0.254",
  host: "radius.example.net",
  hosts: "pay.example.net, *.example.org",
  duration: "5m",
};

/** Words that are written their own way wherever they stand. */
const WRITTEN: Record<string, string> = {
  api: "API",
  coa: "CoA",
  dhcp: "DHCP",
  dns: "DNS",
  ip: "IP",
  l2tp: "L2TP",
  mac: "MAC",
  mtu: "MTU",
  nat: "NAT",
  ntp: "NTP",
  ppp: "PPP",
  pppoe: "PPPoE",
  radius: "RADIUS",
  snmp: "SNMP",
  sstp: "SSTP",
  url: "URL",
  wan: "WAN",
  wireguard: "WireGuard",
};

/** `RADIUS address` out of `radius_address`; the names are the template writer's. */
export function label_of({ name }: Pick<Blank, "name">): string {
  const words = name.split(/[_-]/).filter(Boolean);
  return capitalised(words.map((word) => WRITTEN[word] ?? word).join(" "));
}

export type Side = "open" | "known";

/** Whether somebody has to look at it: what is not known yet, and what decides about the rest. */
export function side_of({ kind, source, optional, problem }: Blank): Side {
  const refused = problem !== null && problem.code !== "required";
  const decides = kind === "choice" && source === "template";
  // which interface leads to the Internet is needed but where the router knows it itself
  const asked = source === "missing" && (!optional || kind === "interface");
  return asked || refused || decides ? "open" : "known";
}

/** Of several routers, what each of them tells is no question. */
export function asked_of_many({ source }: Blank): boolean {
  return source !== "known" && source !== "before" && source !== "drawn";
}

/** Blanks without which there can be no plan. */
export function wanting(blanks: readonly Blank[]): Blank[] {
  return blanks.filter(({ problem, source, optional }) => problem !== null || (source === "missing" && !optional));
}
