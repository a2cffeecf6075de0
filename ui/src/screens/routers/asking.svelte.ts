// Every router is asked now: it goes on while somebody looks at something else.
import { failed, succeeded } from "../../app/notices";
import { report } from "../../app/reporting";
import { session } from "../../app/session.svelte";
import { m } from "../../messages/messages";
import { ask_all_routers, type Router } from "../../platform";
import { number } from "../../words/provider_words";

class Asking {
  running = $state(false);
  done = $state(0);
  all = $state(0);

  async start(all: number, on_router: (router: Router) => void): Promise<void> {
    if (this.running) return;
    this.running = true;
    this.done = 0;
    this.all = all;
    try {
      const answers = await ask_all_routers((router) => {
        this.done += 1;
        on_router(router);
      });
      const asked = answers.filter(({ seen }) => seen.status !== "no_log_in");
      const up = asked.filter(({ seen }) => seen.status === "up").length;
      const tell = up < asked.length ? failed : succeeded;
      tell(m.routers_asked({ up: number(up), all: number(asked.length) }));
      session.data_changed();
    } catch (thrown) {
      report(thrown, () => void this.start(all, on_router));
    }
    this.running = false;
  }
}

export const asking = new Asking();
