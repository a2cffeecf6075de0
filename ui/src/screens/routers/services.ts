import { m } from "../../messages/messages";
import type { RouterService } from "../../platform";

/** Those that can prove who the router is, and cannot without a certificate. */
const PROVING = ["api-ssl", "www-ssl"];

export type ServiceState = "on" | "off" | "unproven";

export function service_state({ name, disabled, certificate }: RouterService): ServiceState {
  if (disabled) return "off";
  return PROVING.includes(name) && certificate === null ? "unproven" : "on";
}

export function service_words(service: RouterService): string {
  switch (service_state(service)) {
    case "off":
      return m.service_off();
    case "unproven":
      return m.service_no_certificate();
    case "on":
      return service.certificate === null ? m.service_on() : m.service_certificate({ certificate: service.certificate });
  }
}
