// The providers that somebody may change between.
import { tick } from "svelte";
import { m } from "../messages/messages";
import { commands, type Tenant } from "../platform";
import { Loaded } from "./loaded.svelte";
import { succeeded } from "./notices";
import { report } from "./reporting";
import { route } from "./route.svelte";
import { session } from "./session.svelte";

class Tenants {
  readonly list = new Loaded<Tenant[]>();

  /** Whether there is anything to choose or to add. */
  get offered(): boolean {
    return session.staff?.several_tenants === true || session.may("tenant_manage");
  }

  get others(): Tenant[] {
    return (this.list.data ?? []).filter(({ current }) => !current);
  }

  load(): void {
    if (this.offered) void this.list.load(commands.tenantList);
  }

  /** Works in another one from now on; what is unsaved is asked about first. */
  enter(tenant: Tenant): void {
    const enter = () => void this.#enter(tenant);
    if (!route.asks_before(enter)) enter();
  }

  async #enter(tenant: Tenant): Promise<void> {
    try {
      const state = await commands.tenantEnter(tenant.id);
      route.begin();
      session.adopt(state);
      session.data_changed();
      // The screens of the one before take their messages along.
      await tick();
      succeeded(m.tenant_changed({ name: tenant.name }));
    } catch (thrown) {
      report(thrown, () => this.enter(tenant));
    }
  }
}

export const tenants = new Tenants();
