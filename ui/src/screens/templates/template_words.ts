// Templates in words.
import { m } from "../../messages/messages";
import type { Blank, BlankKind, TemplateSummary } from "../../platform";
import { number } from "../../words/provider_words";

/** `PPPoE, walled garden`: sections are called as in the template. */
export function sections_words(sections: readonly string[]): string {
  return sections.map((section) => section.replaceAll("_", " ")).join(", ");
}

/** Where it comes from. */
export function origin_words({ shipped, changed }: Pick<TemplateSummary, "shipped" | "changed">): string {
  if (!shipped) return m.template_own();
  return changed ? m.template_changed() : m.template_shipped();
}

/** What came with Demarc is version 0; the provider's own begin at 1. */
export function version_words(version: number): string {
  return version === 0 ? m.template_version_shipped() : m.template_version({ version: number(version) });
}

export function routers_words(routers: number): string {
  if (routers === 0) return m.template_used_by_none();
  return routers === 1 ? m.template_used_by_one() : m.template_used_by_count({ count: number(routers) });
}

const KIND: Record<Exclude<BlankKind, "choice">, () => string> = {
  text: m.blank_kind_text,
  name: m.blank_kind_name,
  address: m.blank_kind_address,
  network: m.blank_kind_network,
  networks: m.blank_kind_networks,
  ranges: m.blank_kind_ranges,
  host: m.blank_kind_host,
  hosts: m.blank_kind_hosts,
  port: m.blank_kind_port,
  interface: m.blank_kind_interface,
  time_zone: m.blank_kind_time_zone,
  duration: m.blank_kind_duration,
  secret: m.blank_kind_secret,
  yes_no: m.blank_kind_yes_no,
};

export function kind_words({ kind, choices }: Pick<Blank, "kind" | "choices">): string {
  return kind === "choice" ? m.blank_kind_choice({ choices: choices.join(", ") }) : KIND[kind]();
}
